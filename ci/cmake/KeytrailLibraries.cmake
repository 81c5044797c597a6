# One imported target per library that Debian ships: kt::hs, kt::re2, kt::git2, kt::archive, kt::nettle, kt::deflate,
# kt::z, kt::sqlite3, kt::tomlpp, kt::json, kt::cli11.
#
# Start-up is part of the contract, and most of it was the dynamic linker: a program that links hyperscan, libgit2, re2,
# libarchive and libcrypto dynamically maps 33 libraries and needs 4.3 ms before main; with the archives that Debian
# ships beside them it maps the C library alone. Kerberos, which comes with libgit2, has no archive: see
# scanner/git/no_kerberos.cc.
find_package(Threads REQUIRED)

# keytrail_import(TARGET lib...): links each library by its archive when there is one and KEYTRAIL_STATIC is on.
function(keytrail_import target)
  add_library(${target} INTERFACE IMPORTED GLOBAL)
  foreach(lib IN LISTS ARGN)
    string(MAKE_C_IDENTIFIER "KEYTRAIL_LIB_${lib}" variable)
    if(KEYTRAIL_STATIC)
      find_library(${variable} NAMES lib${lib}.a ${lib})
    else()
      find_library(${variable} NAMES ${lib})
    endif()
    if(NOT ${variable})
      message(FATAL_ERROR "library ${lib} not found: run ci/setup, which installs what the build needs")
    endif()
    mark_as_advanced(${variable})
    target_link_libraries(${target} INTERFACE "${${variable}}")
  endforeach()
endfunction()

if(KEYTRAIL_STATIC)
  keytrail_import(kt::hs hs)
  keytrail_import(kt::re2 re2)
  # What libarchive and libgit2 need besides; the shared ones know it themselves.
  keytrail_import(kt::archive archive nettle lzma bz2 zstd lz4 z)
  keytrail_import(kt::git2 git2 mbedtls mbedx509 mbedcrypto http_parser ssh2 pcre2-8 crypto z)
  add_library(keytrail_no_kerberos STATIC "${PROJECT_SOURCE_DIR}/scanner/git/no_kerberos.cc")
  target_link_libraries(kt::git2 INTERFACE keytrail_no_kerberos)
else()
  keytrail_import(kt::hs hs)
  keytrail_import(kt::re2 re2)
  keytrail_import(kt::archive archive)
  keytrail_import(kt::git2 git2)
endif()
keytrail_import(kt::deflate deflate)
keytrail_import(kt::nettle nettle)
keytrail_import(kt::z z)
keytrail_import(kt::sqlite3 sqlite3)
# Header only, with a header of ours before it.
add_library(kt::tomlpp INTERFACE IMPORTED GLOBAL)
target_include_directories(kt::tomlpp INTERFACE "${CMAKE_CURRENT_LIST_DIR}/tomlpp")
target_link_libraries(kt::re2 INTERFACE Threads::Threads)
target_link_libraries(kt::hs INTERFACE Threads::Threads)

find_package(nlohmann_json REQUIRED)
add_library(kt::json ALIAS nlohmann_json::nlohmann_json)
find_package(CLI11 REQUIRED)
add_library(kt::cli11 ALIAS CLI11::CLI11)
