#!/usr/bin/env bash
# automateBuild.sh tells what it can do, and refuses what it cannot.
# shellcheck source=tests/scripts/harness.sh
source "$(dirname "${BASH_SOURCE[0]}")/harness.sh"

automate() { MQTTZOO_BUILD_DIR=$SCRATCH/build "$ROOT/automateBuild.sh" "$@"; }

test_help_names_every_command() {
  local command
  for option in help --help -h "local --help"; do
    # shellcheck disable=SC2086
    capture automate $option
    expect_equal "$STATUS" 0
    for command in minikube local down build test sim help; do expect_contains "$OUTPUT" "  $command  "; done
  done
}

test_an_option_without_a_command_is_one_of_minikube() {
  capture automate --pod-seconds soon
  expect_equal "$STATUS" 2
  expect_contains "$OUTPUT" "--pod-seconds wants a number of seconds from 1 to 99999, not 'soon'"
  expect_contains "$OUTPUT" "Usage: ./automateBuild.sh"
}

test_what_is_unknown_is_named() {
  capture automate frobnicate
  expect_equal "$STATUS" 2
  expect_contains "$OUTPUT" "unknown command 'frobnicate'"
  capture automate build --fast
  expect_equal "$STATUS" 2
  expect_contains "$OUTPUT" "unknown option '--fast'"
}

test_ports_must_leave_room_for_the_others() {
  local port
  for port in 0 45534 99999999 12a "" -5; do
    capture automate local --mqtt-port "$port"
    expect_equal "$STATUS" 2
    expect_contains "$OUTPUT" "--mqtt-port wants a port from 1 to 45533, not '$port'"
  done
}

test_a_seed_is_a_number() {
  local option
  for option in --seed --seeds --from; do
    capture automate sim "$option" soon
    expect_equal "$STATUS" 2
    expect_contains "$OUTPUT" "$option wants a number from 1, not 'soon'"
  done
}

test_down_without_a_cluster() {
  capture automate down
  expect_equal "$STATUS" 0
  expect_contains "$OUTPUT" "No local cluster runs."
}

run_tests
