#!/usr/bin/env bash
# Plays docker for minikube_test.sh.
echo "docker $*" >>"$STAND_IN_DIR/calls"
[[ -e $STAND_IN_DIR/no-docker ]] || exit 0
echo "Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?" >&2
exit 1
