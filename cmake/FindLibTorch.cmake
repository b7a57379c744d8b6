# Finds LibTorch and wraps it as bteval_torch, with its headers as system headers.
#
# Order: BTEVAL_LIBTORCH (cache or environment LIBTORCH), a Python `torch`, .deps/, Debian's libtorch-dev.
# scripts/bootstrap.sh makes sure that one of them is there.
set(BTEVAL_LIBTORCH "$ENV{LIBTORCH}" CACHE PATH "Root of a LibTorch distribution")
if(BTEVAL_LIBTORCH)
  list(PREPEND CMAKE_PREFIX_PATH "${BTEVAL_LIBTORCH}")
endif()
find_package(Torch REQUIRED)
add_library(bteval_torch INTERFACE)
target_include_directories(bteval_torch SYSTEM INTERFACE ${TORCH_INCLUDE_DIRS})
target_link_libraries(bteval_torch INTERFACE ${TORCH_LIBRARIES})
message(STATUS "LibTorch ${Torch_VERSION} at ${TORCH_INSTALL_PREFIX}")
