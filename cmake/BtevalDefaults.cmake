# Compiler settings that every target of ours shares.
set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)

if(NOT CMAKE_BUILD_TYPE AND NOT CMAKE_CONFIGURATION_TYPES)
  set(CMAKE_BUILD_TYPE Release CACHE STRING "Build type" FORCE)
endif()

find_program(BTEVAL_CCACHE ccache)
if(BTEVAL_CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  # Without this sloppiness, and GCC's -fpch-preprocess, ccache passes by every file that uses a precompiled header.
  # Paths relative to the checkout let one clone use what another one compiled.
  set(CMAKE_CXX_COMPILER_LAUNCHER
    ${CMAKE_COMMAND} -E env CCACHE_SLOPPINESS=pch_defines,time_macros
    CCACHE_BASEDIR=${PROJECT_SOURCE_DIR} CCACHE_NOHASHDIR=1 "${BTEVAL_CCACHE}")
endif()

find_package(Threads REQUIRED)

add_library(bteval_flags INTERFACE)
target_compile_options(bteval_flags INTERFACE -Wall -Wextra -Wconversion -Wno-sign-conversion)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # GCC 12 sees uninitialised strings in nested braced initialisers where there are none.
  target_compile_options(bteval_flags INTERFACE -Wno-maybe-uninitialized)
endif()
if(BTEVAL_WERROR)
  target_compile_options(bteval_flags INTERFACE -Werror)
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
    # GCC 12 sees overlapping copies inside std::string where there are none (GCC bug 105651).
    target_compile_options(bteval_flags INTERFACE -Wno-error=restrict)
  endif()
endif()
if(BTEVAL_SANITIZE)
  # Frames and line numbers in reports; -O1 keeps the instrumented tests quick.
  target_compile_options(bteval_flags INTERFACE
    -fsanitize=${BTEVAL_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all -g1)
  if(BTEVAL_SANITIZE MATCHES "thread" AND CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
    # GCC 12 sees copies from behind the end of std::string's own buffer there, where it inlines less than elsewhere.
    target_compile_options(bteval_flags INTERFACE -Wno-error=array-bounds)
  endif()
  if(BTEVAL_SANITIZE MATCHES "undefined")
    # Nearly a third of the compiler's time, mostly for what AddressSanitizer ends as well; wrong dynamic types (vptr) are given up.
    target_compile_options(bteval_flags INTERFACE
      -fno-sanitize=null,object-size,vptr,pointer-overflow,nonnull-attribute,returns-nonnull-attribute)
  endif()
  target_link_options(bteval_flags INTERFACE -fsanitize=${BTEVAL_SANITIZE})
endif()

# Tests spend their time in our libraries, and the compiler most of its time in optimising GoogleTest's templates.
set(BTEVAL_TEST_OPTIONS "")
if(NOT BTEVAL_SANITIZE)
  set(BTEVAL_TEST_OPTIONS -O0)
elseif(BTEVAL_SANITIZE MATCHES "address")
  set(BTEVAL_TEST_OPTIONS -O0 -fno-sanitize=undefined)
endif()
