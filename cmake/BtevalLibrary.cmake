# bteval_library(NAME core DEPS fmt::fmt ...): one static library per folder, made of all its .cpp files.
# PRIVATE_DEPS are those that no public header mentions.
function(bteval_library)
  cmake_parse_arguments(ARG "" "NAME" "DEPS;PRIVATE_DEPS" ${ARGN})
  file(GLOB sources CONFIGURE_DEPENDS "${CMAKE_CURRENT_SOURCE_DIR}/*.cpp")
  set(target bteval_${ARG_NAME})
  if(sources)
    add_library(${target} STATIC ${sources})
    set(scope PUBLIC)
    target_link_libraries(${target} PRIVATE bteval_flags)
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

# bteval_test(NAME unit_core DIR unit/core DEPS bteval_core): one gtest program per test folder.
function(bteval_test)
  cmake_parse_arguments(ARG "" "NAME;DIR;LABEL" "DEPS" ${ARGN})
  file(GLOB sources CONFIGURE_DEPENDS "${CMAKE_CURRENT_SOURCE_DIR}/${ARG_DIR}/*.cpp")
  if(NOT sources)
    return()
  endif()
  add_executable(${ARG_NAME} ${sources})
  target_link_libraries(${ARG_NAME} PRIVATE bteval_flags bteval_test_support ${ARG_DEPS} GTest::gmock GTest::gtest_main)
  target_compile_options(${ARG_NAME} PRIVATE ${BTEVAL_TEST_OPTIONS})
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    # GoogleTest's headers, compiled once. Clang demands that both targets have exactly the same definitions.
    target_compile_options(${ARG_NAME} PRIVATE -fpch-preprocess)
    target_precompile_headers(${ARG_NAME} REUSE_FROM bteval_test_support)
  endif()
  gtest_discover_tests(${ARG_NAME} TEST_PREFIX "${ARG_NAME}." DISCOVERY_TIMEOUT 60 PROPERTIES LABELS "${ARG_LABEL}" TIMEOUT 600)
endfunction()

# bteval_precompile(bteval_app <fmt/format.h> ...): in sanitized builds, which take longest, headers that most files of a
# target include are compiled once. Other builds see whether each file includes what it needs.
function(bteval_precompile target)
  if(BTEVAL_SANITIZE AND CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    target_compile_options(${target} PRIVATE -fpch-preprocess)
    target_precompile_headers(${target} PRIVATE ${ARGN})
  endif()
endfunction()
