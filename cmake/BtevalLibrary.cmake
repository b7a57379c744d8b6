# In builds with tests, headers that most files include are compiled once. The other builds (release, bench, fuzz, tidy) see
# whether each file includes what it needs.
if(BTEVAL_BUILD_TESTS AND CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  set(BTEVAL_PRECOMPILE ON)
else()
  set(BTEVAL_PRECOMPILE OFF)
endif()

# bteval_precompiled(bteval_common HEADERS <fmt/format.h> ... DEPS fmt::fmt ... OPTIONS -O0): for targets that share them. Not
# CLI11: it is no templates, and a file would go through all of its functions again.
function(bteval_precompiled target)
  cmake_parse_arguments(ARG "" "" "HEADERS;DEPS;OPTIONS" ${ARGN})
  if(BTEVAL_PRECOMPILE)
    set(file "${PROJECT_BINARY_DIR}/generated/${target}.cpp")
    file(CONFIGURE OUTPUT "${file}" CONTENT "// A target needs a file to have precompiled headers.\n")
    add_library(${target} STATIC "${file}")
    target_link_libraries(${target} PRIVATE bteval_flags ${ARG_DEPS})
    target_compile_options(${target} PRIVATE ${ARG_OPTIONS})
    target_compile_options(${target} PRIVATE -fpch-preprocess)
    target_precompile_headers(${target} PRIVATE ${ARG_HEADERS})
  endif()
endfunction()

function(bteval_share_precompiled target from)
  if(BTEVAL_PRECOMPILE)
    target_compile_options(${target} PRIVATE -fpch-preprocess)
    target_precompile_headers(${target} REUSE_FROM ${from})
  endif()
endfunction()

set(common_headers <algorithm> <filesystem> <fmt/format.h> <functional> <map> <memory> <nlohmann/json.hpp> <optional> <string>
  <unordered_map> <vector>)
bteval_precompiled(bteval_common DEPS fmt::fmt nlohmann_json::nlohmann_json HEADERS ${common_headers})
if(BTEVAL_WITH_TORCH)
  bteval_precompiled(bteval_torch_common DEPS fmt::fmt nlohmann_json::nlohmann_json bteval_torch
    HEADERS <ATen/ATen.h> ${common_headers})
endif()

# bteval_compile_apart(a.cpp ...): files whose private names are those of another file of the folder too, so that a build that
# joins files (CMAKE_UNITY_BUILD: scripts/test.sh) must leave them alone.
function(bteval_compile_apart)
  set_source_files_properties(${ARGN} PROPERTIES SKIP_UNITY_BUILD_INCLUSION ON)
endfunction()

# bteval_library(NAME core DEPS fmt::fmt ...): one static library per folder, made of all its .cpp files.
# PRIVATE_DEPS are those that no public header mentions; TORCH: most files see LibTorch's headers.
function(bteval_library)
  cmake_parse_arguments(ARG "TORCH" "NAME" "DEPS;PRIVATE_DEPS" ${ARGN})
  file(GLOB sources CONFIGURE_DEPENDS "${CMAKE_CURRENT_SOURCE_DIR}/*.cpp")
  set(target bteval_${ARG_NAME})
  if(sources)
    add_library(${target} STATIC ${sources})
    set(scope PUBLIC)
    target_link_libraries(${target} PRIVATE bteval_flags)
    if(ARG_TORCH)
      bteval_share_precompiled(${target} bteval_torch_common)
    else()
      bteval_share_precompiled(${target} bteval_common)
    endif()
  else()
    add_library(${target} INTERFACE)  # a folder of headers
    set(scope INTERFACE)
  endif()
  target_include_directories(${target} ${scope}
    "${PROJECT_SOURCE_DIR}/lib" "${PROJECT_SOURCE_DIR}" "${PROJECT_BINARY_DIR}/generated")
  target_link_libraries(${target} ${scope} ${ARG_DEPS})
  if(ARG_PRIVATE_DEPS AND sources)
    target_link_libraries(${target} PRIVATE ${ARG_PRIVATE_DEPS})
  endif()
endfunction()

# bteval_test(NAME unit_core DIR unit/core DEPS bteval_core): one gtest program per test folder. With TORCH, most of its files
# see LibTorch's headers. With WHOLE the program is one test of ctest, because its cases share a costly beginning.
function(bteval_test)
  cmake_parse_arguments(ARG "TORCH;WHOLE" "NAME;DIR;LABEL" "DEPS" ${ARGN})
  file(GLOB sources CONFIGURE_DEPENDS "${CMAKE_CURRENT_SOURCE_DIR}/${ARG_DIR}/*.cpp")
  if(NOT sources)
    return()
  endif()
  add_executable(${ARG_NAME} ${sources})
  target_link_libraries(${ARG_NAME} PRIVATE bteval_flags bteval_test_support ${ARG_DEPS} GTest::gmock GTest::gtest_main)
  target_compile_options(${ARG_NAME} PRIVATE ${BTEVAL_TEST_OPTIONS})
  if(ARG_TORCH)
    bteval_share_precompiled(${ARG_NAME} bteval_torch_tests)
  else()
    bteval_share_precompiled(${ARG_NAME} bteval_tests)
  endif()
  set(timeout 600)
  if(ARG_LABEL STREQUAL "e2e")
    set(timeout 240)
  endif()
  if(ARG_WHOLE)
    add_test(NAME ${ARG_NAME}.all COMMAND ${ARG_NAME})
    set_tests_properties(${ARG_NAME}.all PROPERTIES LABELS "${ARG_LABEL}" TIMEOUT ${timeout})
    return()
  endif()
  if(BTEVAL_TEST_SHARDS)
    foreach(shard RANGE 1 ${BTEVAL_TEST_SHARDS})
      # scripts/summarise_tests.py reads what the program writes, and counts its tests.
      set(name ${ARG_NAME}.shard_${shard})
      add_test(NAME ${name} COMMAND ${ARG_NAME} "--gtest_output=xml:${PROJECT_BINARY_DIR}/shards/${name}.xml")
      math(EXPR index "${shard} - 1")
      set_tests_properties(${name} PROPERTIES LABELS "${ARG_LABEL}" TIMEOUT 1200
        ENVIRONMENT "GTEST_TOTAL_SHARDS=${BTEVAL_TEST_SHARDS};GTEST_SHARD_INDEX=${index}")
    endforeach()
    return()
  endif()
  # ThreadSanitizer's programs may need the start that scripts/lib/tsan.sh gives to ctest, not to the build.
  set(discovery POST_BUILD)
  if(BTEVAL_SANITIZE MATCHES "thread")
    set(discovery PRE_TEST)
  endif()
  gtest_discover_tests(${ARG_NAME} TEST_PREFIX "${ARG_NAME}." DISCOVERY_MODE ${discovery} DISCOVERY_TIMEOUT 60
    PROPERTIES LABELS "${ARG_LABEL}" TIMEOUT ${timeout})
endfunction()

