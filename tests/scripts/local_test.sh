#!/usr/bin/env bash
# `local` and `down` with real ZooKeeper servers and the programs of this build, on ports of their own.
# shellcheck source=tests/scripts/harness.sh
source "$(dirname "${BASH_SOURCE[0]}")/harness.sh"

PROGRAMS=${MQTTZOO_BUILD_DIR:-$ROOT/build}
PORTS=(--mqtt-port 3883 --zookeeper-port 4181)
trap 'automate down >/dev/null; rm -rf "$SCRATCH"' EXIT

automate() { MQTTZOO_BUILD_DIR=$SCRATCH/build "$ROOT/automateBuild.sh" "$@"; }
automate_local() { automate local --no-build "${PORTS[@]}"; }

link_programs() {
  mkdir -p "$SCRATCH/build/broker" "$SCRATCH/build/client"
  ln -sf "$PROGRAMS/broker/mqttzoo" "$SCRATCH/build/broker/mqttzoo"
  ln -sf "$PROGRAMS/client/mqtt_pub" "$PROGRAMS/client/mqtt_sub" "$SCRATCH/build/client/"
}

pid_of() { cat "$SCRATCH/build/local/$1/pid"; }

test_a_cluster_comes_up_is_repaired_and_goes() {
  local name kept before
  link_programs
  capture automate_local
  expect_equal "$STATUS" 0
  expect_contains "$OUTPUT" "demo/greeting hello from broker-1"
  before=$(for name in broker-1 broker-2 broker-3 zk1 zk2 zk3; do pid_of "$name"; done)

  capture automate_local
  expect_equal "$STATUS" 0
  expect_equal "$(for name in broker-1 broker-2 broker-3 zk1 zk2 zk3; do pid_of "$name"; done)" "$before"

  kept=$(pid_of broker-3)
  kill -KILL "$(pid_of broker-1)" "$(pid_of zk2)"
  capture automate_local
  expect_equal "$STATUS" 0
  expect_contains "$OUTPUT" "demo/greeting hello from broker-1"
  expect_equal "$(pid_of broker-3)" "$kept"

  capture automate down
  expect_equal "$STATUS" 0
  expect_lacks "$OUTPUT" "killed"
  grep -lqszF "$SCRATCH/build/local" /proc/[0-9]*/environ && failed "no server left"
  return 0
}

test_a_port_in_use_is_named_with_its_process() {
  link_programs
  /usr/bin/python3 -c '
import signal, socket
listener = socket.create_server(("127.0.0.1", 3884))
print("listening", flush=True)
signal.pause()' >"$SCRATCH/listening" &
  local owner=$!
  until [[ -s $SCRATCH/listening ]]; do kill -0 "$owner" || failed "port 3884 free for the test"; done
  capture automate_local
  kill "$owner"
  expect_equal "$STATUS" 1
  expect_contains "$OUTPUT" "port 3884, wanted by broker-2, is in use by python3 (pid $owner)"
  [[ ! -e $SCRATCH/build/local/zk1 ]] || failed "nothing started"
}

test_a_broker_that_ends_says_why() {
  link_programs
  rm "$SCRATCH/build/broker/mqttzoo"
  printf '#!/bin/sh\necho "the dog ate it" >&2\nexit 1\n' >"$SCRATCH/build/broker/mqttzoo"
  chmod +x "$SCRATCH/build/broker/mqttzoo"
  capture automate_local
  automate down >/dev/null
  expect_equal "$STATUS" 1
  expect_contains "$OUTPUT" "broker-1 ended."
  expect_contains "$OUTPUT" "the dog ate it"
  expect_contains "$OUTPUT" "the brokers did not start"
}

run_tests
