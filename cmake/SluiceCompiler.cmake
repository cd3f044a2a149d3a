# Language, warnings, hardening, sanitizers, ccache and linker: one interface target, `sluice_options`.

set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_C_STANDARD 11)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
include(CheckPIESupported)
check_pie_supported(LANGUAGES C CXX)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}/bin")
# Programs find their plugins beside themselves, in ../lib/sluice.
set(SLUICE_PLUGIN_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}/lib/sluice")

# The cache is told that precompiled headers, differing build folders and differing clones are fine.
find_program(CCACHE_PROGRAM ccache)
if(CCACHE_PROGRAM)
  set(launcher ${CMAKE_COMMAND} -E env CCACHE_SLOPPINESS=pch_defines,time_macros CCACHE_NOHASHDIR=1
      CCACHE_BASEDIR=${PROJECT_SOURCE_DIR} "${CCACHE_PROGRAM}")
  set(CMAKE_C_COMPILER_LAUNCHER ${launcher})
  set(CMAKE_CXX_COMPILER_LAUNCHER ${launcher})
endif()

add_library(sluice_options INTERFACE)
target_compile_options(sluice_options INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion -Wcast-align -Wformat=2 -Wundef
  $<$<COMPILE_LANGUAGE:CXX>:-Wnon-virtual-dtor;-Woverloaded-virtual;-Wold-style-cast;-Wextra-semi>
  -fstack-protector-strong -pthread)  # -pthread: for all or for none, so that targets can share precompiled headers
# g++ 12 warns falsely about joined std::strings once it inlines them (GCC bugs 105329, 105651); 13 does not.
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
  target_compile_options(sluice_options INTERFACE $<$<COMPILE_LANGUAGE:CXX>:-Wno-restrict;-Wno-array-bounds;-Wno-stringop-overflow;-Wno-stringop-overread;-Wno-maybe-uninitialized>)
endif()
if(SLUICE_WERROR)
  target_compile_options(sluice_options INTERFACE -Werror)
endif()

if(SLUICE_SANITIZE)
  target_compile_options(sluice_options INTERFACE
    -fsanitize=${SLUICE_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
  target_link_options(sluice_options INTERFACE -fsanitize=${SLUICE_SANITIZE})
  if(SLUICE_FUZZ)
    target_compile_options(sluice_options INTERFACE -fsanitize=fuzzer-no-link)
  endif()
else()
  # Of what is delivered only: most of it needs optimised code. `.ci/check_hardening` looks at the result.
  # Branch protection takes effect where the C library's start files have it too, which Debian 12's do not.
  target_compile_options(sluice_options INTERFACE $<$<CONFIG:Release>:-U_FORTIFY_SOURCE;-D_FORTIFY_SOURCE=3;-fstack-clash-protection>)
  if(CMAKE_SYSTEM_PROCESSOR MATCHES "x86_64|i.86")
    target_compile_options(sluice_options INTERFACE $<$<CONFIG:Release>:-fcf-protection>)
  endif()
  find_program(MOLD_PROGRAM mold)
  if(MOLD_PROGRAM)
    target_link_options(sluice_options INTERFACE -fuse-ld=mold)
  endif()
endif()
target_link_options(sluice_options INTERFACE -Wl,-z,relro,-z,now -Wl,-z,noexecstack)

# Compiles the sources of a target several at a time, for a first build that takes much less work. The presets that tests
# run in leave it off, so that every file is known to stand on its own.
option(SLUICE_UNITY "Compile the sources of large targets together" OFF)
function(sluice_unity target)
  set_target_properties(${target} PROPERTIES UNITY_BUILD ${SLUICE_UNITY} UNITY_BUILD_BATCH_SIZE 10)
endfunction()

# sluice_precompile(target [REUSE other]): compiles what nearly every file includes once. Only light headers: heavy ones
# stay where they are used; and none of ours: the cache takes a header whose comments alone have changed for the same one,
# the compiler does not, and would see it twice. A target that compiles as another one does takes that one's.
function(sluice_precompile target)
  cmake_parse_arguments(ARG "" "REUSE" "" ${ARGN})
  target_compile_options(${target} PRIVATE $<$<CXX_COMPILER_ID:GNU>:-fpch-preprocess>)
  if(ARG_REUSE AND CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    target_precompile_headers(${target} REUSE_FROM ${ARG_REUSE})
    return()
  endif()
  target_precompile_headers(${target} PRIVATE
    "$<$<COMPILE_LANGUAGE:CXX>:<boost/json/array.hpp$<ANGLE-R>>"
    "$<$<COMPILE_LANGUAGE:CXX>:<boost/json/object.hpp$<ANGLE-R>>"
    "$<$<COMPILE_LANGUAGE:CXX>:<boost/json/value.hpp$<ANGLE-R>>"
    "$<$<COMPILE_LANGUAGE:CXX>:<algorithm$<ANGLE-R>>" "$<$<COMPILE_LANGUAGE:CXX>:<functional$<ANGLE-R>>"
    "$<$<COMPILE_LANGUAGE:CXX>:<map$<ANGLE-R>>" "$<$<COMPILE_LANGUAGE:CXX>:<memory$<ANGLE-R>>"
    "$<$<COMPILE_LANGUAGE:CXX>:<optional$<ANGLE-R>>" "$<$<COMPILE_LANGUAGE:CXX>:<string$<ANGLE-R>>"
    "$<$<COMPILE_LANGUAGE:CXX>:<string_view$<ANGLE-R>>" "$<$<COMPILE_LANGUAGE:CXX>:<vector$<ANGLE-R>>")
endfunction()

# sluice_add_library(name SOURCES a.cpp … [LINK targets …])
#
# A static library of one folder; the folder's name space is the include path, so that
# `#include "mapping/expression.hpp"` says which layer it reaches into.
function(sluice_add_library name)
  cmake_parse_arguments(ARG "" "" "SOURCES;LINK;PRIVATE_LINK" ${ARGN})
  add_library(${name} STATIC ${ARG_SOURCES})
  target_include_directories(${name} PUBLIC "${CMAKE_SOURCE_DIR}/host")
  target_link_libraries(${name} PUBLIC ${ARG_LINK} PRIVATE sluice_options ${ARG_PRIVATE_LINK})
  sluice_precompile(${name} REUSE sluice_sdk)
endfunction()

# sluice_add_test(name SOURCES a.cpp … [LINK targets …] [DATA dir]): a GoogleTest program, one ctest entry a case.
function(sluice_add_test name)
  cmake_parse_arguments(ARG "" "" "SOURCES;LINK" ${ARGN})
  if(NOT TARGET sluice_test_headers)
    file(CONFIGURE OUTPUT "${CMAKE_BINARY_DIR}/test_headers.cpp" CONTENT "int main() {}\n")
    add_executable(sluice_test_headers EXCLUDE_FROM_ALL "${CMAKE_BINARY_DIR}/test_headers.cpp")
    target_link_libraries(sluice_test_headers PRIVATE sluice_options Boost::headers GTest::gmock)
    target_include_directories(sluice_test_headers PRIVATE "${CMAKE_SOURCE_DIR}/sdk/include")
    target_precompile_headers(sluice_test_headers PRIVATE <gmock/gmock.h> <gtest/gtest.h>)
    sluice_precompile(sluice_test_headers)
  endif()
  add_executable(${name} ${ARG_SOURCES})
  set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}/tests")
  target_link_libraries(${name} PRIVATE sluice_options ${ARG_LINK} GTest::gmock GTest::gtest_main)
  sluice_precompile(${name} REUSE sluice_test_headers)
  target_compile_definitions(${name} PRIVATE
    SLUICE_SOURCE_DIR="${CMAKE_SOURCE_DIR}" SLUICE_BINARY_DIR="${CMAKE_BINARY_DIR}")
  gtest_discover_tests(${name} DISCOVERY_MODE PRE_TEST DISCOVERY_TIMEOUT 60 PROPERTIES TIMEOUT 120)
endfunction()
