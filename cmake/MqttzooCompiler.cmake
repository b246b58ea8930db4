# What every target of the project is compiled with: language, build types, sanitizers, compiler cache.

set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
if(NOT CMAKE_BUILD_TYPE)
  set(CMAKE_BUILD_TYPE Release CACHE STRING "Release, Debug or Sanitize" FORCE)
endif()
set(CMAKE_CXX_FLAGS_RELEASE "-O2 -g1 -DNDEBUG")
# The asan, tsan and fuzz presets: quick enough to run, line numbers in reports, libstdc++'s own checks.
set(CMAKE_CXX_FLAGS_SANITIZE "-O1 -g1 -D_GLIBCXX_ASSERTIONS -fno-omit-frame-pointer")

# The cache must hit in another clone of the sources too (base_dir) and with precompiled headers (sloppiness).
find_program(CCACHE ccache)
if(CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  set(CMAKE_CXX_COMPILER_LAUNCHER env CCACHE_BASEDIR=${PROJECT_SOURCE_DIR}
    CCACHE_SLOPPINESS=pch_defines,time_macros ${CCACHE})
endif()

add_library(mqttzoo_options INTERFACE)
target_include_directories(mqttzoo_options INTERFACE ${PROJECT_SOURCE_DIR})
# Paths in debug information, reports and __FILE__ start at the root of the sources, wherever those lie.
target_compile_options(mqttzoo_options INTERFACE -Wall -Wextra -Wpedantic -Wshadow -Wnon-virtual-dtor -Werror
  -ffile-prefix-map=${PROJECT_SOURCE_DIR}=.)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # -Wno-restrict: Protobuf at -O2; -Wno-tsan: Asio's fences under ThreadSanitizer.
  target_compile_options(mqttzoo_options INTERFACE -Wno-restrict -fpch-preprocess)
  if(MQTTZOO_SANITIZE MATCHES "thread")
    target_compile_options(mqttzoo_options INTERFACE -Wno-tsan)
  endif()
else()
  target_compile_options(mqttzoo_options INTERFACE -Wno-error)  # g++ 12 is the compiler that judges
endif()
if(MQTTZOO_SANITIZE)
  set(mqttzoo_sanitizer_flags -fsanitize=${MQTTZOO_SANITIZE} -fno-sanitize-recover=all)
  target_compile_options(mqttzoo_options INTERFACE ${mqttzoo_sanitizer_flags})
  target_link_options(mqttzoo_options INTERFACE ${mqttzoo_sanitizer_flags})
endif()
if(MQTTZOO_FUZZ)
  target_compile_options(mqttzoo_options INTERFACE -fsanitize=fuzzer-no-link)
endif()
target_compile_definitions(mqttzoo_options INTERFACE MQTTZOO_VERSION="${PROJECT_VERSION}" BOOST_ASIO_NO_DEPRECATED
  BOOST_ERROR_CODE_HEADER_ONLY)
