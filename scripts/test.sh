# The test command: everything that CI runs; with --all the long tests too, and more time for the fuzzer. The sanitizers
# go first, so that the run ends with the closing lines of the main one; a failure stops nothing, so that one run shows
# all there is.
# shellcheck shell=bash

FAILED_PARTS=()

command_test() {
  require_packages build local test
  [[ $ALL_TESTS == no ]] || require_packages long
  require_npm_packages
  configure release "$BUILD_DIR" -DMQTTZOO_TESTS=ON
  compile release "$BUILD_DIR" all programs
  run_sanitizer asan '^unit$'
  run_sanitizer tsan '^tsan$'
  run_fuzzer
  run_main_tests
  ((${#FAILED_PARTS[@]} == 0)) || fail "failed: ${FAILED_PARTS[*]} (logs in ${LOG_DIR#"$ROOT/"})"
}

# GCC 12's and clang 14's sanitizers cannot live with the most random of Linux's address layouts.
fixed_addresses() {
  if setarch --addr-no-randomize true 2>/dev/null; then
    setarch --addr-no-randomize "$@"
  else
    "$@"
  fi
}

# run_sanitizer PRESET LABELS: builds the tests that a sanitizer is for and runs them.
run_sanitizer() {
  local preset=$1 labels=$2 directory=$BUILD_DIR/$1
  configure "$preset" "$directory"
  if ! run_step "build-$preset" "building the tests ($preset)" \
    fixed_addresses cmake --build "$directory" -j "$(job_count)" --target unit_tests; then
    FAILED_PARTS+=("$preset (build)")
    return
  fi
  run_ctest_step "$preset" "running the tests ($preset)" "$directory" -L "$labels" -j "$(nproc)"
}

run_fuzzer() {
  local seconds=30 directory=$BUILD_DIR/fuzz
  [[ $ALL_TESTS == no ]] || seconds=600
  configure fuzz "$directory" "-DMQTTZOO_FUZZ_SECONDS=$seconds"
  if ! run_step build-fuzz "building the fuzz targets" \
    fixed_addresses cmake --build "$directory" -j "$(job_count)" --target fuzz_targets; then
    FAILED_PARTS+=("fuzz (build)")
    return
  fi
  run_ctest_step fuzz "fuzzing for $seconds s each" "$directory" -L '^fuzz$' -j "$(nproc)"
}

# run_ctest_step NAME LABEL DIRECTORY OPTION...: a run whose output matters only when it fails.
run_ctest_step() {
  local name=$1 label=$2 directory=$3
  shift 3
  if run_step "test-$name" "$label" \
    fixed_addresses ctest --test-dir "$directory" --output-on-failure --no-tests=error "$@"; then
    sed -n 's/^\([0-9]*% tests passed.*\)/    \1/p' "$LOG_DIR/test-$name.log"
  else
    FAILED_PARTS+=("$name")
  fi
}

# All tests of the release build; each result is a line, the output of those that fail is shown.
run_main_tests() {
  local -a selection=(-LE '^long$')
  [[ $ALL_TESTS == no ]] || selection=()
  say "==> running the tests (log: ${LOG_DIR#"$ROOT/"}/test-release.log)"
  if ! ctest --test-dir "$BUILD_DIR" --output-on-failure --no-tests=error -j "$(nproc)" "${selection[@]}" </dev/null |
    tee "$LOG_DIR/test-release.log" | grep --line-buffered -vE '^ *Start +[0-9]+:'; then
    FAILED_PARTS+=("release")
  fi
}
