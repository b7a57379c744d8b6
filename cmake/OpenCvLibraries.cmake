# Offers OpenCV as the targets opencv_core and opencv_imgcodecs.
#
# An OpenCV with a package configuration is taken as it says. Debian ships that file only in libopencv-dev, which needs
# every OpenCV module and what they need (VTK, HDF5, MPI, ...: some 230 packages); the -dev packages of two modules are enough,
# and are found by hand.
find_package(OpenCV QUIET COMPONENTS core imgcodecs)
if(NOT OpenCV_FOUND)
  find_path(BTEVAL_OPENCV_INCLUDE opencv2/imgcodecs.hpp PATH_SUFFIXES opencv4 REQUIRED)
  foreach(module core imgcodecs)
    find_library(BTEVAL_OPENCV_${module} opencv_${module} REQUIRED)
    add_library(opencv_${module} UNKNOWN IMPORTED)
    set_target_properties(opencv_${module} PROPERTIES
      IMPORTED_LOCATION "${BTEVAL_OPENCV_${module}}"
      INTERFACE_INCLUDE_DIRECTORIES "${BTEVAL_OPENCV_INCLUDE}")
  endforeach()
  target_link_libraries(opencv_imgcodecs INTERFACE opencv_core)
  message(STATUS "OpenCV at ${BTEVAL_OPENCV_core}")
else()
  message(STATUS "OpenCV ${OpenCV_VERSION} at ${OpenCV_INSTALL_PATH}")
endif()
