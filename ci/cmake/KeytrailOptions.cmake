# Language, warnings and sanitizers: one INTERFACE target that every target of the project links.
option(KEYTRAIL_TESTS "Build the tests" ON)
option(KEYTRAIL_FUZZ "Build the libFuzzer targets (clang)" OFF)
option(KEYTRAIL_STATIC "Link the libraries statically where Debian ships an archive: start-up is three times as fast" ON)
option(KEYTRAIL_WERROR "Warnings are errors" ON)
set(KEYTRAIL_SANITIZE "" CACHE STRING "Sanitizers, comma separated: address,undefined or thread")

set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
if(NOT CMAKE_BUILD_TYPE)
  set(CMAKE_BUILD_TYPE Release)
endif()

find_program(KEYTRAIL_CCACHE ccache)
if(KEYTRAIL_CCACHE)
  set(CMAKE_CXX_COMPILER_LAUNCHER "${KEYTRAIL_CCACHE}")
endif()

add_library(keytrail_options INTERFACE)
target_include_directories(keytrail_options INTERFACE "${PROJECT_SOURCE_DIR}" "${PROJECT_BINARY_DIR}")
target_compile_options(keytrail_options INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion -Wnon-virtual-dtor -Woverloaded-virtual
  -Wold-style-cast -Wcast-align -Wunused -Wnull-dereference -Wimplicit-fallthrough)
# GCC 12 reports null dereferences inside libstdc++'s own inlined string code.
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  target_compile_options(keytrail_options INTERFACE -Wno-null-dereference -Wno-restrict)
endif()
if(CMAKE_CXX_COMPILER_ID MATCHES "Clang")
  target_compile_options(keytrail_options INTERFACE -Wthread-safety)
endif()
if(KEYTRAIL_WERROR)
  target_compile_options(keytrail_options INTERFACE -Werror)
endif()
if(KEYTRAIL_SANITIZE)
  target_compile_options(keytrail_options INTERFACE -fsanitize=${KEYTRAIL_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer)
  target_link_options(keytrail_options INTERFACE -fsanitize=${KEYTRAIL_SANITIZE})
endif()
# The coverage that libFuzzer steers by; its main comes with -fsanitize=fuzzer where a target is linked (tests/fuzz).
if(KEYTRAIL_FUZZ)
  target_compile_options(keytrail_options INTERFACE -fsanitize=fuzzer-no-link)
  target_link_options(keytrail_options INTERFACE -fsanitize=fuzzer-no-link)
endif()
