# Checks of the checkout itself, as tests: include layers, sizes, marks, format, Python syntax, and the checkers' own tests.
find_package(Python3 3.8 QUIET COMPONENTS Interpreter)
if(NOT Python3_FOUND)
  message(STATUS "No Python 3.8: the checks of the repository are left out")
  return()
endif()

include(PythonModules)

# bteval_check(layers COMMAND scripts/check_layers.py): status 77 means skipped. MODULE: a Python package it would like.
function(bteval_check name)
  cmake_parse_arguments(ARG "" "MODULE" "COMMAND" ${ARGN})
  bteval_python_with("${ARG_MODULE}" python)
  add_test(NAME repository.${name} COMMAND "${python}" ${ARG_COMMAND} WORKING_DIRECTORY "${PROJECT_SOURCE_DIR}")
  set_tests_properties(repository.${name} PROPERTIES LABELS repository TIMEOUT 120 SKIP_RETURN_CODE 77
    ENVIRONMENT PYTHONDONTWRITEBYTECODE=1)
endfunction()

bteval_check(layers COMMAND scripts/check_layers.py)
foreach(check sizes marks format python)
  bteval_check(${check} COMMAND scripts/check_files.py ${check})
endforeach()
file(GLOB script_tests CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/tests/scripts/*_test.py")
foreach(script_test IN LISTS script_tests)
  get_filename_component(name "${script_test}" NAME_WE)
  set(module)
  if(name STREQUAL "leaderboard_formats_test")
    set(module MODULE markdown_it)
  endif()
  bteval_check(${name} COMMAND "${script_test}" ${module})
endforeach()
