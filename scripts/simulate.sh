# The sim command: simulated clusters (tests/simulation).
# shellcheck shell=bash

command_sim() {
  require_packages build test
  configure release "$BUILD_DIR" -DMQTTZOO_TESTS=ON
  compile release "$BUILD_DIR" mqttzoo_simulate
  "$BUILD_DIR/tests/simulation/mqttzoo_simulate" "${SIMULATION[@]}"
}
