#!/usr/bin/env bash
# Plays kubectl for minikube_test.sh: files in STAND_IN_DIR say what goes wrong; a fifo there is the topic of the demo.
echo "kubectl $*" >>"$STAND_IN_DIR/calls"

if [[ $1 == kustomize ]]; then
  exec cat "$2"/*.yaml
fi

case ${*:5} in
  apply*) cat >"$STAND_IN_DIR/applied" ;;
  "rollout status"*) [[ ! -e $STAND_IN_DIR/stuck ]] || exit 1 ;;
  "get statefulset"*) printf '/3' ;;
  "get service mqttzoo"*) [[ ! -e $STAND_IN_DIR/tunnel-is-open ]] || printf 127.91.7.1 ;;
  "get pods"*"-o name") echo pod/zookeeper-0 ;;
  "get pods"*) echo "zookeeper-0  0/1  ImagePullBackOff" ;;
  "get events"*) echo "zookeeper-0  Failed  Failed to pull image" ;;
  logs*) echo "Cannot open channel to 2 at election address" ;;
  exec*mqtt_sub*)
    echo "Client received SUBACK" >&2
    read -r line <"$STAND_IN_DIR/topic"
    echo "demo/greeting $line"
    ;;
  exec*mqtt_pub*) echo "${*: -1}" >"$STAND_IN_DIR/topic" ;;
esac
