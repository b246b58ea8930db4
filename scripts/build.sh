# Configuring and building with the presets of CMakePresets.json.
# shellcheck shell=bash

# Parallel jobs: one per core, but a compiler may take 1.5 GiB.
job_count() {
  local cores available_kib by_memory
  cores=$(nproc)
  available_kib=$(sed -n 's/^MemAvailable: *\([0-9]*\) kB/\1/p' /proc/meminfo)
  by_memory=$((available_kib / 1572864))
  say $((by_memory < 1 ? 1 : by_memory < cores ? by_memory : cores))
}

# configure PRESET DIRECTORY [OPTION...]: only when the directory is new or has other options; otherwise Ninja itself
# looks whether anything is to be configured again.
configure() {
  local preset=$1 directory=$2
  shift 2
  if [[ -e $directory/build.ninja ]] && cmp -s "$directory/configured-with" <(say "$@"); then
    return
  fi
  run_step "configure-$preset" "configuring ($preset)" cmake -S "$ROOT" -B "$directory" --preset "$preset" "$@" ||
    fail "CMake could not configure the build"
  say "$@" >"$directory/configured-with"
}

# compile PRESET DIRECTORY TARGET...
compile() {
  local preset=$1 directory=$2
  shift 2
  run_step "build-$preset" "building ($preset)" cmake --build "$directory" -j "$(job_count)" --target "$@" ||
    fail "the build failed"
}

# build_programs PACKAGE_LIST...: the broker and the clients, into build/. Once the tests were configured there they stay so: a change of mind would
# configure everything again for nothing.
build_programs() {
  require_packages "$@"
  if grep -qs '^MQTTZOO_TESTS:BOOL=ON' "$BUILD_DIR/CMakeCache.txt"; then
    configure release "$BUILD_DIR" -DMQTTZOO_TESTS=ON
  else
    configure release "$BUILD_DIR" -DMQTTZOO_TESTS=OFF
  fi
  compile release "$BUILD_DIR" programs
}

command_build() {
  local build=${BUILD_DIR#"$PWD/"}
  build_programs build
  say "Built $build/broker/mqttzoo, $build/client/mqtt_pub and $build/client/mqtt_sub."
  say "A broker on port 1883 of this machine: $build/broker/mqttzoo"
}
