# In builds with tests, headers that most files include are compiled once. The other builds (release, bench, fuzz, tidy) see
# whether each file includes what it needs.
if(BTEVAL_BUILD_TESTS AND CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  set(BTEVAL_PRECOMPILE ON)
else()
  set(BTEVAL_PRECOMPILE OFF)
endif()

# bteval_precompile(bteval_app <fmt/format.h> ...): for a target.
function(bteval_precompile target)
  if(BTEVAL_PRECOMPILE)
    target_compile_options(${target} PRIVATE -fpch-preprocess)
    target_precompile_headers(${target} PRIVATE ${ARGN})
  endif()
endfunction()

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
    bteval_precompile(${target} ${ARG_HEADERS})
  endif()
endfunction()

function(bteval_share_precompiled target from)
  if(BTEVAL_PRECOMPILE)
    target_compile_options(${target} PRIVATE -fpch-preprocess)
    target_precompile_headers(${target} REUSE_FROM ${from})
  endif()
endfunction()

bteval_precompiled(bteval_common DEPS fmt::fmt nlohmann_json::nlohmann_json HEADERS <algorithm> <filesystem> <fmt/format.h>
  <functional> <map> <memory> <nlohmann/json.hpp> <optional> <string> <unordered_map> <vector>)

# bteval_library(NAME core DEPS fmt::fmt ...): one static library per folder, made of all its .cpp files.
# PRIVATE_DEPS are those that no public header mentions; PRECOMPILE are headers in the place of the usual ones.
function(bteval_library)
  cmake_parse_arguments(ARG "" "NAME" "DEPS;PRIVATE_DEPS;PRECOMPILE" ${ARGN})
  file(GLOB sources CONFIGURE_DEPENDS "${CMAKE_CURRENT_SOURCE_DIR}/*.cpp")
  set(target bteval_${ARG_NAME})
  if(sources)
    add_library(${target} STATIC ${sources})
    set(scope PUBLIC)
    target_link_libraries(${target} PRIVATE bteval_flags)
    if(ARG_PRECOMPILE)
      bteval_precompile(${target} ${ARG_PRECOMPILE})
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
  # ThreadSanitizer's programs may need the start that scripts/lib/tsan.sh gives to ctest, not to the build.
  set(discovery POST_BUILD)
  if(BTEVAL_SANITIZE MATCHES "thread")
    set(discovery PRE_TEST)
  endif()
  gtest_discover_tests(${ARG_NAME} TEST_PREFIX "${ARG_NAME}." DISCOVERY_MODE ${discovery} DISCOVERY_TIMEOUT 60
    PROPERTIES LABELS "${ARG_LABEL}" TIMEOUT ${timeout})
endfunction()

