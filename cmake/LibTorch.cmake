# Finds LibTorch and offers it as the target bteval_torch.
#
# Done by hand instead of find_package(Torch), because that one
#   - enables the CUDA language, and so demands nvcc, for every CUDA build of LibTorch, although we call no CUDA header;
#   - puts all of LibTorch's include folder on the path, where the Python wheels keep an own copy of fmt that shadows the
#     system's and does not link with it;
#   - puts /usr/include on the path as a system folder for Debian's package, which breaks #include_next;
#   - does not say when the library was built with the old std::string.
#
# Where it looks, first match wins: BTEVAL_LIBTORCH (cache variable, or LIBTORCH in the environment), the folders of
# CMAKE_PREFIX_PATH, what scripts/bootstrap.sh chose (.deps/libtorch.path), Debian's libtorch-dev (/usr).
set(BTEVAL_LIBTORCH "$ENV{LIBTORCH}" CACHE PATH
  "Root of a LibTorch: an unpacked distribution, the torch folder of a Python installation, or /usr")

# Sets `out` to the LibTorch root that `folder` is or belongs to; empty where there is none.
function(bteval_libtorch_root folder out)
  foreach(candidate "${folder}" "${folder}/torch" "${folder}/../..")  # ../..: what torch.utils.cmake_prefix_path says
    if(EXISTS "${candidate}/include/ATen/ATen.h")
      get_filename_component(candidate "${candidate}" REALPATH)
      set(${out} "${candidate}" PARENT_SCOPE)
      return()
    endif()
  endforeach()
  set(${out} "" PARENT_SCOPE)
endfunction()

set(libtorch_root "")
if(BTEVAL_LIBTORCH)
  bteval_libtorch_root("${BTEVAL_LIBTORCH}" libtorch_root)
  if(NOT libtorch_root)
    message(FATAL_ERROR "No LibTorch in BTEVAL_LIBTORCH=${BTEVAL_LIBTORCH}: there is no include/ATen/ATen.h")
  endif()
else()
  set(places ${CMAKE_PREFIX_PATH})
  if(EXISTS "${PROJECT_SOURCE_DIR}/.deps/libtorch.path")
    file(STRINGS "${PROJECT_SOURCE_DIR}/.deps/libtorch.path" chosen LIMIT_COUNT 1)
    list(APPEND places "${chosen}")
  endif()
  foreach(place IN LISTS places ITEMS /usr)
    bteval_libtorch_root("${place}" libtorch_root)
    if(libtorch_root)
      break()
    endif()
  endforeach()
  if(NOT libtorch_root)
    message(FATAL_ERROR "LibTorch not found. Run scripts/bootstrap.sh, or give its folder: -DBTEVAL_LIBTORCH=DIR. "
      "-DBTEVAL_WITH_TORCH=OFF builds the readers, metrics and reports without it.")
  endif()
endif()

# Not cached: another BTEVAL_LIBTORCH must not find the libraries of the former one.
foreach(name c10 torch_cpu torch c10_cuda torch_cuda)
  unset(libtorch_${name})
  foreach(folder lib lib64 lib/${CMAKE_LIBRARY_ARCHITECTURE})
    if(EXISTS "${libtorch_root}/${folder}/lib${name}.so")
      set(libtorch_${name} "${libtorch_root}/${folder}/lib${name}.so")
      break()
    endif()
  endforeach()
endforeach()
foreach(name c10 torch_cpu torch)
  if(NOT libtorch_${name})
    message(FATAL_ERROR "LibTorch at ${libtorch_root} has headers but no lib${name}.so")
  endif()
endforeach()

# A function that takes a std::string shows which std::string the library was built with.
file(STRINGS "${libtorch_c10}" new_string REGEX "torchCheckFailEPKcS[0-9]_jRKNSt7__cxx11" LIMIT_COUNT 1)
if(NOT new_string)
  message(FATAL_ERROR "LibTorch at ${libtorch_root} was built with _GLIBCXX_USE_CXX11_ABI=0 and does not link with the "
    "system's libraries. Take a cxx11-ABI build (every wheel since 2.7, or the libtorch-cxx11-abi archives).")
endif()

# The version stands in one of two headers, by age.
set(libtorch_version "")
foreach(header torch/headeronly/version.h torch/csrc/api/include/torch/version.h)
  if(NOT libtorch_version AND EXISTS "${libtorch_root}/include/${header}")
    file(STRINGS "${libtorch_root}/include/${header}" lines REGEX "define TORCH_VERSION_(MAJOR|MINOR|PATCH) ")
    string(REGEX REPLACE "#define TORCH_VERSION_[A-Z]+ ([0-9]+)" "\\1" numbers "${lines}")
    string(REPLACE ";" "." libtorch_version "${numbers}")
  endif()
endforeach()
if(NOT libtorch_version)
  message(FATAL_ERROR "LibTorch at ${libtorch_root}: no version.h; BridgeTower needs 1.13 or newer")
elseif(libtorch_version VERSION_LESS 1.13)
  message(FATAL_ERROR "LibTorch ${libtorch_version} at ${libtorch_root} is too old: 1.13 or newer is needed")
endif()

# Only LibTorch's own headers become visible, whatever else lies beside them. The folder's name depends on the LibTorch, so
# that a change of it recompiles everything: the dates of its headers say nothing.
string(SHA256 libtorch_key "${libtorch_root} ${libtorch_version}")
string(SUBSTRING "${libtorch_key}" 0 8 libtorch_key)
set(libtorch_include "${PROJECT_BINARY_DIR}/libtorch-include/${libtorch_version}-${libtorch_key}")
file(MAKE_DIRECTORY "${libtorch_include}")
foreach(folder ATen c10 caffe2 torch)
  if(EXISTS "${libtorch_root}/include/${folder}")
    file(CREATE_LINK "${libtorch_root}/include/${folder}" "${libtorch_include}/${folder}" SYMBOLIC)
  endif()
endforeach()

add_library(bteval_torch INTERFACE)
target_include_directories(bteval_torch SYSTEM INTERFACE
  "${libtorch_include}" "${libtorch_include}/torch/csrc/api/include")
target_link_libraries(bteval_torch INTERFACE "${libtorch_torch}" "${libtorch_torch_cpu}" "${libtorch_c10}")
set(libtorch_kind "CPU")
if(libtorch_torch_cuda)
  # The CUDA kernels register themselves when the library is loaded; no symbol of theirs is called, so a linker that drops
  # unneeded libraries (Ubuntu's default) has to be told to keep it.
  set(libtorch_kind "CUDA")
  target_link_libraries(bteval_torch INTERFACE
    "-Wl,--push-state,--no-as-needed,${libtorch_torch_cuda},${libtorch_c10_cuda},--pop-state"
    "-Wl,--allow-shlib-undefined")
endif()
message(STATUS "LibTorch ${libtorch_version} (${libtorch_kind}) at ${libtorch_root}")
