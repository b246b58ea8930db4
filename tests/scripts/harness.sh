# What the tests of automateBuild.sh share: a scratch directory and a few expectations. Each test_* function is a test and
# runs in a shell of its own.
# shellcheck shell=bash
set -uo pipefail

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
SCRATCH=$(mktemp -d -t mqttzoo-scripts-XXXXXX)
trap 'rm -rf "$SCRATCH"' EXIT

source_parts() {
  local part
  BUILD_DIR=$SCRATCH/build
  LOG_DIR=$BUILD_DIR/logs
  LOCAL_DIR=$BUILD_DIR/local
  for part in "$@"; do
    # shellcheck source=/dev/null
    source "$ROOT/scripts/$part.sh"
  done
}

failed() {
  printf '  expected %s\n' "$*"
  exit 1
}

expect_equal() { [[ $1 == "$2" ]] || failed "'$2', got '$1'"; }

expect_contains() { [[ $1 == *"$2"* ]] || failed "'$2' in: $1"; }

expect_lacks() { [[ $1 != *"$2"* ]] || failed "no '$2' in: $1"; }

# capture COMMAND...: runs it in a shell of its own; sets OUTPUT (with standard error) and STATUS.
capture() {
  OUTPUT=$("$@" 2>&1)
  STATUS=$?
}

run_tests() {
  local name status=0
  for name in $(declare -F | sed -n 's/^declare -f \(test_.*\)/\1/p'); do
    mkdir -p "$SCRATCH/build"
    if (trap - EXIT && "$name"); then
      say_result passed "$name"
    else
      say_result FAILED "$name"
      status=1
    fi
    rm -rf "${SCRATCH:?}"/*
  done
  exit "$status"
}

say_result() { printf '%s: %s\n' "$1" "$2"; }
