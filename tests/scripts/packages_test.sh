#!/usr/bin/env bash
# Installing packages, with apt-get and dpkg-query played by functions.
# shellcheck source=tests/scripts/harness.sh
source "$(dirname "${BASH_SOURCE[0]}")/harness.sh"
source_parts console packages

INSTALL=yes
ASSUME_YES=no
POLICY=$SCRATCH/policy-rc.d
INSTALLED="installed g++\ninstalled cmake\nconfig-files ccache\n"
SIMULATION="Inst ccache (4.7)\nInst libhiredis (1)\n"

dpkg-query() { printf '%b' "$INSTALLED"; }
npm() { :; }
as_root() { "$@"; }

apt_get() {
  printf '%s\n' "$*" >>"$SCRATCH/calls"
  if [[ $1 == -s ]]; then
    printf '%b' "$SIMULATION"
  elif [[ $1 == install && -e $POLICY ]]; then
    sh "$POLICY" mosquitto start
    printf 'mosquitto: %s, ' $? >>"$SCRATCH/policy"
    sh "$POLICY" docker.service start
    printf 'docker: %s, ' $? >>"$SCRATCH/policy"
    sh "$POLICY" --quiet ssh restart
    printf 'ssh: %s' $? >>"$SCRATCH/policy"
  fi
}

# Instead of the real lists.
list_packages() { printf 'g++\ncmake\nccache\n'; }

test_nothing_missing_calls_nothing() {
  INSTALLED="installed g++\ninstalled cmake\ninstalled ccache\n"
  require_packages build || failed "success"
  [[ ! -e $SCRATCH/calls ]] || failed "no call of apt-get"
}

test_only_what_is_missing_is_installed() {
  capture require_packages build
  expect_equal "$STATUS" 0
  expect_contains "$OUTPUT" "==> installing 2 packages ..."
  expect_equal "$(tail -n 1 "$SCRATCH/calls")" "install -y --no-install-recommends ccache"
}

test_removal_needs_consent() {
  SIMULATION="Remv libboost1.74-dev [1.74]\nRemv libfoo-dev [1]\nInst ccache (4.7)\n"
  capture require_packages build
  expect_equal "$STATUS" 1
  expect_contains "$OUTPUT" $'    libboost1.74-dev\n    libfoo-dev'
  expect_contains "$OUTPUT" "--yes"
  expect_lacks "$(cat "$SCRATCH/calls")" "install -y"
}

test_removal_with_consent() {
  SIMULATION="Remv libboost1.74-dev [1.74]\nInst ccache (4.7)\n"
  ASSUME_YES=yes
  capture require_packages build
  expect_equal "$STATUS" 0
  expect_contains "$OUTPUT" "libboost1.74-dev"
  expect_contains "$(cat "$SCRATCH/calls")" "install -y"
}

test_impossible_installation_shows_why() {
  apt_get() {
    [[ $1 == update ]] && return
    echo "E: Unable to locate package ccache"
    return 100
  }
  capture require_packages build
  expect_equal "$STATUS" 1
  expect_contains "$OUTPUT" "E: Unable to locate package ccache"
  expect_contains "$OUTPUT" "cannot install: ccache"
}

test_no_install_names_what_is_missing() {
  INSTALL=no
  capture require_packages build
  expect_equal "$STATUS" 1
  expect_contains "$OUTPUT" "missing: ccache"
  [[ ! -e $SCRATCH/calls ]] || failed "no call of apt-get"
}

test_services_are_not_started_and_no_trace_stays() {
  require_packages build >/dev/null || failed "success"
  expect_equal "$(cat "$SCRATCH/policy")" "mosquitto: 101, docker: 101, ssh: 0"
  [[ ! -e $POLICY ]] || failed "policy-rc.d removed"
}

test_an_installed_service_is_left_disabled() {
  mkdir -p "$LOG_DIR"
  as_root() { printf '%s\n' "$*" >>"$SCRATCH/root-calls"; }
  capture release_services docker.io shellcheck
  expect_contains "$OUTPUT" "docker is here for the tests only"
  expect_equal "$(cat "$SCRATCH/root-calls")" "update-rc.d docker disable"
}

test_no_trace_stays_of_a_failure() {
  apt_get() { [[ $1 != install ]]; }
  capture require_packages build
  expect_equal "$STATUS" 1
  [[ ! -e $POLICY ]] || failed "policy-rc.d removed"
}

test_somebody_elses_policy_stays() {
  printf '#!/bin/sh\nexit 101\n' >"$POLICY"
  require_packages build >/dev/null || failed "success"
  expect_equal "$(cat "$POLICY")" $'#!/bin/sh\nexit 101'
}

test_lists_hold_names_only() {
  unset -f list_packages
  source_parts packages
  local package
  for package in $(list_packages build local test runtime long); do
    [[ $package =~ ^[a-z0-9][a-z0-9.+-]+$ ]] || failed "a package, not '$package'"
  done
}

run_tests
