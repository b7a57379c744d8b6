# Finds Apache Arrow C++ and offers it as the target bteval_arrow, with its headers in bteval_arrow_include, for the .arrow files
# that ViLT, METER and BridgeTower's scripts write and for exports. Where it has Parquet, too, that is the target bteval_parquet.
# BTEVAL_WITH_ARROW: AUTO (default: where it is found), ON (must be found), OFF.
#
# Where it looks, first match wins: BTEVAL_ARROW (a pyarrow folder or an installation's prefix), an Arrow that find_package
# finds, the pyarrow beside LibTorch in a Python installation, .deps/pyarrow, the pyarrow of the active Python. A pyarrow
# package holds all that is needed, headers and libarrow.so.VERSION, but no configuration for CMake.
set(BTEVAL_WITH_ARROW AUTO CACHE STRING "Read .arrow files: AUTO, ON or OFF")
set_property(CACHE BTEVAL_WITH_ARROW PROPERTY STRINGS AUTO ON OFF)
set(BTEVAL_ARROW "" CACHE PATH "Folder of a Python package pyarrow, or the prefix of an Apache Arrow C++")

# Sets `out` to the libarrow in a pyarrow folder or a prefix; empty where there is none.
function(bteval_arrow_library folder out)
  set(${out} "" PARENT_SCOPE)
  if(NOT EXISTS "${folder}/include/arrow/ipc/reader.h")
    return()
  endif()
  file(GLOB libraries "${folder}/libarrow.so.*" "${folder}/lib/libarrow.so" "${folder}/lib64/libarrow.so"
    "${folder}/lib/${CMAKE_LIBRARY_ARCHITECTURE}/libarrow.so")
  if(libraries)
    list(GET libraries 0 library)
    set(${out} "${library}" PARENT_SCOPE)
  endif()
endfunction()

if(BTEVAL_WITH_ARROW STREQUAL "OFF")
  message(STATUS "Arrow: not wanted")
  return()
endif()

if(NOT BTEVAL_ARROW)
  find_package(Arrow CONFIG QUIET)
  if(TARGET Arrow::arrow_shared)
    add_library(bteval_arrow INTERFACE)
    target_link_libraries(bteval_arrow INTERFACE Arrow::arrow_shared)
    get_target_property(bteval_arrow_include Arrow::arrow_shared INTERFACE_INCLUDE_DIRECTORIES)
    find_package(Parquet CONFIG QUIET)
    if(TARGET Parquet::parquet_shared)
      add_library(bteval_parquet INTERFACE)
      target_link_libraries(bteval_parquet INTERFACE Parquet::parquet_shared)
    endif()
    message(STATUS "Arrow ${Arrow_VERSION} at ${Arrow_DIR}")
    return()
  endif()
endif()

set(arrow_places ${BTEVAL_ARROW})
if(NOT BTEVAL_ARROW)
  if(libtorch_root)
    get_filename_component(site_packages "${libtorch_root}" DIRECTORY)
    list(APPEND arrow_places "${site_packages}/pyarrow")
  endif()
  list(APPEND arrow_places "${PROJECT_SOURCE_DIR}/.deps/pyarrow")
  find_program(BTEVAL_PYTHON3 python3)
  if(BTEVAL_PYTHON3)
    # Located, not imported: an import takes a second.
    execute_process(COMMAND "${BTEVAL_PYTHON3}" -c
      "import importlib.util as u; s = u.find_spec('pyarrow'); print(s.submodule_search_locations[0] if s else '')"
      OUTPUT_VARIABLE python_arrow OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
    list(APPEND arrow_places ${python_arrow})
  endif()
endif()
set(arrow_library "")
foreach(place IN LISTS arrow_places)
  bteval_arrow_library("${place}" arrow_library)
  if(arrow_library)
    set(arrow_root "${place}")
    break()
  endif()
endforeach()

set(arrow_problem "")
if(NOT arrow_library)
  set(arrow_problem "not found (pip install pyarrow, or -DBTEVAL_ARROW=DIR)")
else()
  file(STRINGS "${arrow_root}/include/arrow/util/config.h" arrow_version REGEX "define ARROW_VERSION_STRING")
  string(REGEX REPLACE ".*\"([0-9.]+).*\"" "\\1" arrow_version "${arrow_version}")
  # A function that returns a std::string shows which std::string the library was built with.
  file(STRINGS "${arrow_library}" new_string REGEX "_ZNK5arrow6Status8ToStringB5cxx11Ev" LIMIT_COUNT 1)
  if(NOT new_string)
    set(arrow_problem "${arrow_library} was built with _GLIBCXX_USE_CXX11_ABI=0 (take pyarrow 15 or newer)")
  endif()
endif()
if(arrow_problem)
  if(BTEVAL_WITH_ARROW STREQUAL "ON")
    message(FATAL_ERROR "Arrow: ${arrow_problem}")
  endif()
  message(STATUS "Arrow: ${arrow_problem}; .arrow files will not be read")
  return()
endif()

# Only Arrow's own headers become visible, whatever else lies beside them; the folder's name depends on the version, as
# with LibTorch.
string(SHA256 arrow_key "${arrow_root} ${arrow_version}")
string(SUBSTRING "${arrow_key}" 0 8 arrow_key)
set(bteval_arrow_include "${PROJECT_BINARY_DIR}/arrow-include/${arrow_version}-${arrow_key}")
file(MAKE_DIRECTORY "${bteval_arrow_include}")
file(CREATE_LINK "${arrow_root}/include/arrow" "${bteval_arrow_include}/arrow" SYMBOLIC)
add_library(bteval_arrow INTERFACE)
target_link_libraries(bteval_arrow INTERFACE "${arrow_library}")
string(REPLACE "libarrow.so" "libparquet.so" parquet_library "${arrow_library}")
set(arrow_parts "")
if(EXISTS "${parquet_library}" AND EXISTS "${arrow_root}/include/parquet/arrow/writer.h")
  file(CREATE_LINK "${arrow_root}/include/parquet" "${bteval_arrow_include}/parquet" SYMBOLIC)
  add_library(bteval_parquet INTERFACE)
  target_link_libraries(bteval_parquet INTERFACE "${parquet_library}")
  set(arrow_parts " with Parquet")
endif()
message(STATUS "Arrow ${arrow_version}${arrow_parts} at ${arrow_root}")
