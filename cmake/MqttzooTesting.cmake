# The functions that declare tests. Labels decide what runs where (docs/building.md, "Tests"):
#   unit         no sockets, no clock; runs under ASan + UBSan as well
#   tsan         has threads; runs under TSan as well (what has none would only cost time there)
#   integration  real processes on loopback
#   long         more than CI has time for: only with `./automateBuild.sh test --all`

find_package(GTest REQUIRED CONFIG)
include(GoogleTest)

# Scripts run on Debian's Python, which knows Debian's packages (Paho among them), whatever else is on the PATH.
find_program(MQTTZOO_PYTHON NAMES python3 PATHS /usr/bin NO_DEFAULT_PATH)

# The tests themselves are little optimised (what they test and stand on is): a third less time to compile them, and
# under AddressSanitizer, whose own code doubles what there is to optimise, another third.
set(mqttzoo_test_flags -O1)
if(MQTTZOO_SANITIZE MATCHES "address")
  set(mqttzoo_test_flags -O0)
endif()

# One precompiled header for all test programs: GoogleMock and what nearly every test includes.
file(WRITE ${PROJECT_BINARY_DIR}/test_pch.cpp "")
add_library(mqttzoo_test_pch OBJECT ${PROJECT_BINARY_DIR}/test_pch.cpp)
target_link_libraries(mqttzoo_test_pch PRIVATE mqttzoo_options GTest::gmock)
target_compile_options(mqttzoo_test_pch PRIVATE ${mqttzoo_test_flags})
target_precompile_headers(mqttzoo_test_pch PRIVATE <gmock/gmock.h> <gtest/gtest.h> <string> <vector>)

# mqttzoo_test(NAME [DEPENDS target...] [LABELS label...]): one GoogleTest program of all *_test.cpp files of this
# directory. The custom target unit_tests builds those that the sanitizer preset runs.
function(mqttzoo_test name)
  cmake_parse_arguments(arg "" "" "DEPENDS;LABELS" ${ARGN})
  file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/*_test.cpp)
  add_executable(${name} ${sources})
  target_link_libraries(${name} PRIVATE mqttzoo_options ${arg_DEPENDS} GTest::gmock_main)
  target_compile_options(${name} PRIVATE ${mqttzoo_test_flags})
  target_precompile_headers(${name} REUSE_FROM mqttzoo_test_pch)
  # gtest_discover_tests cannot hand on a list of labels: only the one that selects tests in this preset counts.
  set(selecting unit)
  if(MQTTZOO_SANITIZE STREQUAL "thread")
    set(selecting tsan)
  endif()
  list(APPEND arg_LABELS other)
  list(GET arg_LABELS 0 label)
  if(selecting IN_LIST arg_LABELS)
    set(label ${selecting})
  endif()
  gtest_discover_tests(${name} DISCOVERY_TIMEOUT 60 PROPERTIES LABELS ${label} TIMEOUT 300)
  if(label STREQUAL selecting)
    if(NOT TARGET unit_tests)
      add_custom_target(unit_tests)
    endif()
    add_dependencies(unit_tests ${name})
  endif()
endfunction()

# mqttzoo_script_test(NAME SCRIPT [ARGS arg...] [LABELS label...] [TIMEOUT seconds]): a test that is a program of its own,
# in Python or shell; its exit status is the verdict, 77 means skipped. It finds the build in MQTTZOO_BUILD_DIR and
# MQTT.js through NODE_PATH. Integration tests run alone: leases and timeouts are real there.
function(mqttzoo_script_test name script)
  cmake_parse_arguments(arg "" "TIMEOUT" "ARGS;LABELS" ${ARGN})
  if(NOT arg_TIMEOUT)
    set(arg_TIMEOUT 300)
  endif()
  set(interpreter bash)
  if(script MATCHES "\\.py$")
    set(interpreter ${MQTTZOO_PYTHON})
  endif()
  add_test(NAME ${name} COMMAND ${interpreter} ${CMAKE_CURRENT_SOURCE_DIR}/${script} ${arg_ARGS})
  set_tests_properties(${name} PROPERTIES LABELS "${arg_LABELS}" TIMEOUT ${arg_TIMEOUT} SKIP_RETURN_CODE 77
    ENVIRONMENT "MQTTZOO_BUILD_DIR=${PROJECT_BINARY_DIR};NODE_PATH=${PROJECT_BINARY_DIR}/npm/node_modules")
  if("integration" IN_LIST arg_LABELS OR "faults" IN_LIST arg_LABELS)
    set_tests_properties(${name} PROPERTIES RUN_SERIAL ON)
  endif()
endfunction()

# mqttzoo_fuzz(NAME [DEPENDS target...]): the libFuzzer target NAME.cpp of this directory, seeded from corpus/NAME.
# It exists with MQTTZOO_FUZZ only; there ctest gives each target MQTTZOO_FUZZ_SECONDS.
set(MQTTZOO_FUZZ_SECONDS 30 CACHE STRING "How long ctest runs each fuzz target")
function(mqttzoo_fuzz name)
  cmake_parse_arguments(arg "" "" "DEPENDS" ${ARGN})
  if(NOT MQTTZOO_FUZZ)
    return()
  endif()
  add_executable(${name} ${name}.cpp)
  target_link_libraries(${name} PRIVATE mqttzoo_options ${arg_DEPENDS} -fsanitize=fuzzer)
  set(found ${CMAKE_CURRENT_BINARY_DIR}/found/${name})
  file(MAKE_DIRECTORY ${found})
  set(corpus ${CMAKE_CURRENT_SOURCE_DIR}/corpus/${name})
  if(NOT EXISTS ${corpus})
    set(corpus)
  endif()
  math(EXPR timeout "${MQTTZOO_FUZZ_SECONDS} + 60")
  add_test(NAME ${name} COMMAND ${name} -max_total_time=${MQTTZOO_FUZZ_SECONDS} -timeout=10 -rss_limit_mb=2048
    -print_final_stats=1 ${found} ${corpus})
  set_tests_properties(${name} PROPERTIES LABELS fuzz TIMEOUT ${timeout})
  if(NOT TARGET fuzz_targets)
    add_custom_target(fuzz_targets)
  endif()
  add_dependencies(fuzz_targets ${name})
endfunction()
