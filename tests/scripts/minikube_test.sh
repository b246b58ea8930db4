#!/usr/bin/env bash
# The command minikube, with stand-ins for docker, minikube and kubectl that write down how they are called. The tunnel
# is a process that listens on an address of loopback and answers CONNECT.
# shellcheck source=tests/scripts/harness.sh
source "$(dirname "${BASH_SOURCE[0]}")/harness.sh"

TOOLS=$ROOT/tests/scripts/stand_ins

# A PATH with the machine's own programs, but for the three. No tunnel outlives the test.
make_path() {
  local tool
  trap 'automate down >/dev/null 2>&1' EXIT
  cp -rs /usr/bin "$SCRATCH/machine"
  rm -f "$SCRATCH"/machine/{docker,minikube,kubectl}
  mkdir -p "$SCRATCH/tools"
  for tool in docker minikube kubectl; do ln -s "$TOOLS/$tool.sh" "$SCRATCH/tools/$tool"; done
  mkfifo "$SCRATCH/topic"
  : >"$SCRATCH/calls"
}

automate() {
  exec env -u CI PATH="$SCRATCH/tools:$SCRATCH/machine" STAND_IN_DIR="$SCRATCH" MQTTZOO_BUILD_DIR="$SCRATCH/build" \
    "$ROOT/automateBuild.sh" "$@"
}

calls_of() { grep -c -- "^$1" "$SCRATCH/calls"; }

test_the_good_way_and_a_second_run() {
  make_path
  capture automate
  expect_equal "$STATUS" 0
  expect_contains "$OUTPUT" "demo/greeting hello through the load balancer"
  expect_contains "$OUTPUT" "load balancer is at 127.91.7.1, port 1883"
  expect_contains "$OUTPUT" "scale statefulset mqttzoo --replicas 5"
  expect_contains "$OUTPUT" "minikube -p mqttzoo delete"
  local image
  image=$(sed -n 's/^minikube -p mqttzoo image build -t \(mqttzoo:[0-9a-f]*\) .*/\1/p' "$SCRATCH/calls")
  [[ $image =~ ^mqttzoo:[0-9a-f]{12}$ ]] || failed "an image named by its content, not '$image'"
  expect_contains "$(cat "$SCRATCH/applied")" "image: $image"
  expect_lacks "$(cat "$SCRATCH/applied")" "mqttzoo:latest"
  expect_equal "$(grep -cvE '^(docker info|minikube -p mqttzoo |kubectl --context mqttzoo -n mqttzoo |kubectl kustomize )' \
    "$SCRATCH/calls")" 0

  capture automate minikube
  expect_equal "$STATUS" 0
  expect_contains "$OUTPUT" "the image $image is there already"
  expect_equal "$(calls_of 'minikube -p mqttzoo image build')" 1
  expect_equal "$(calls_of 'minikube -p mqttzoo tunnel')" 1
  expect_equal "$(calls_of 'minikube -p mqttzoo delete')" 0

  capture automate down
  expect_equal "$STATUS" 0
  expect_contains "$OUTPUT" "stopping tunnel"
  grep -lqszF "$SCRATCH/build/local" /proc/[0-9]*/environ && failed "no tunnel left"
  return 0
}

test_fresh_deletes_its_own_profile_first() {
  make_path
  touch "$SCRATCH/stuck"  # far enough
  capture automate --fresh --pod-seconds 1
  expect_equal "$(sed -n 2p "$SCRATCH/calls")" "minikube -p mqttzoo delete"
  expect_equal "$(calls_of 'minikube -p mqttzoo delete')" 1
}

test_each_missing_tool_is_named_with_the_way_to_get_it() {
  make_path
  rm "$SCRATCH/tools/minikube"
  capture automate
  expect_equal "$STATUS" 1
  expect_contains "$OUTPUT" "minikube is missing: https://minikube"
  expect_lacks "$OUTPUT" "docker is missing"
  expect_contains "$OUTPUT" "./automateBuild.sh local"
  rm "$SCRATCH"/tools/*
  capture automate
  expect_equal "$STATUS" 1
  expect_contains "$OUTPUT" "docker is missing: apt-get install docker.io"
  expect_contains "$OUTPUT" "kubectl is missing: https://kubernetes.io"
  expect_equal "$(cat "$SCRATCH/calls")" ""
}

test_a_docker_that_does_not_answer() {
  make_path
  touch "$SCRATCH/no-docker"
  capture automate
  expect_equal "$STATUS" 1
  expect_contains "$OUTPUT" "docker does not answer: Cannot connect to the Docker daemon"
  expect_equal "$(cat "$SCRATCH/calls")" "docker info"
}

test_a_minikube_that_does_not_start() {
  make_path
  touch "$SCRATCH/no-start"
  capture automate
  expect_equal "$STATUS" 1
  expect_contains "$OUTPUT" "Exiting due to RSRC_DOCKER_STORAGE"
  expect_contains "$OUTPUT" "minikube did not start"
}

test_a_build_that_fails_in_silence() {
  make_path
  touch "$SCRATCH/no-image"
  capture automate
  expect_equal "$STATUS" 1
  expect_contains "$OUTPUT" "error: expected ';'"
  expect_contains "$OUTPUT" "the image could not be built"
  expect_equal "$(calls_of 'kubectl .* apply')" 0
}

test_a_rollout_that_fails_says_why_and_the_next_run_goes_on() {
  make_path
  touch "$SCRATCH/stuck"
  capture automate --pod-seconds 1
  expect_equal "$STATUS" 1
  expect_contains "$OUTPUT" "Failed to pull image"
  expect_contains "$OUTPUT" "log of pod/zookeeper-0"
  expect_contains "$OUTPUT" "Cannot open channel"
  expect_contains "$OUTPUT" "the pods of zookeeper are not ready after 1 s"
  expect_contains "$(cat "$SCRATCH/build/logs/pods-zookeeper.log")" "[0/3] pods are ready"
  rm "$SCRATCH/stuck"
  capture automate
  expect_equal "$STATUS" 0
  expect_equal "$(calls_of 'minikube -p mqttzoo image build')" 1
}

test_an_interruption_says_how_to_go_on_and_the_next_run_does() {
  make_path
  touch "$SCRATCH/stuck"
  automate minikube >"$SCRATCH/output" 2>&1 &
  local script=$!
  until grep -qs 'rollout status' "$SCRATCH/calls"; do kill -0 "$script" || failed "a run that waits"; done
  kill -TERM "$script"
  wait "$script"
  expect_equal $? 1
  expect_contains "$(cat "$SCRATCH/output")" "interrupted; run it again to go on"
  rm "$SCRATCH/stuck"
  capture automate
  expect_equal "$STATUS" 0
  expect_equal "$(calls_of 'minikube -p mqttzoo image build')" 1
}

test_a_tunnel_that_does_not_open_says_why_and_what_else_there_is() {
  make_path
  touch "$SCRATCH/no-tunnel"
  capture automate
  expect_equal "$STATUS" 1
  expect_contains "$OUTPUT" "sudo: a password is required"
  expect_contains "$OUTPUT" "port-forward service/mqttzoo 1883"
}

test_a_change_of_the_sources_is_another_image() {
  mkdir -p "$SCRATCH/source/broker"
  printf '*\n!broker\n' >"$SCRATCH/source/.dockerignore"
  touch "$SCRATCH/source/Dockerfile" "$SCRATCH/source/broker/main.cpp"
  source_parts console minikube
  ROOT=$SCRATCH/source
  local before
  before=$(image_name)
  touch "$ROOT/not-in-the-image"
  expect_equal "$(image_name)" "$before"
  echo change >>"$ROOT/broker/main.cpp"
  [[ $(image_name) != "$before" ]] || failed "another name than $before"
}

run_tests
