# The packages that the project stands on, and the functions that declare its targets.

include(MqttzooCompiler)

find_package(Threads REQUIRED)
find_package(Boost 1.81 REQUIRED CONFIG COMPONENTS headers json)
find_package(Protobuf REQUIRED)
find_package(spdlog REQUIRED CONFIG)
find_package(CLI11 REQUIRED CONFIG)
find_package(OpenSSL REQUIRED)
find_package(prometheus-cpp REQUIRED CONFIG)

# mqttzoo_layer(NAME [DEPENDS target...]): a static library of all .cpp files of this directory and of those
# below it.
function(mqttzoo_layer name)
  cmake_parse_arguments(arg "" "" "DEPENDS" ${ARGN})
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/*.cpp)
  if(sources)
    add_library(${name} STATIC ${sources})
    target_link_libraries(${name} PUBLIC mqttzoo_options ${arg_DEPENDS})
  else()
    add_library(${name} INTERFACE)
    target_link_libraries(${name} INTERFACE mqttzoo_options ${arg_DEPENDS})
  endif()
endfunction()

# mqttzoo_heavy_sources(FILE...): translation units that take a minute under sanitizers (Beast, CLI11) are left
# unoptimised there.
function(mqttzoo_heavy_sources)
  if(MQTTZOO_SANITIZE)
    set_source_files_properties(${ARGN} PROPERTIES COMPILE_OPTIONS -O0)
  endif()
endfunction()
