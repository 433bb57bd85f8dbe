# Finds the external libraries for Windows. Debian packages zlib for MinGW-w64. Of the others, except
# zstd, only headers, which do not depend on the system, and GoogleTest's source are needed. Hashes,
# random numbers and the like come from Windows itself.

set(CIMLIB_BUILD_PACKAGES OFF)  # Debian has no libzip and expat for MinGW-w64
find_package(Threads REQUIRED)
find_package(ZLIB REQUIRED)  # libz-mingw-w64-dev
# Link the static archive, so that the program does not need zlib1.dll.
find_library(CIMLIB_STATIC_ZLIB NAMES libz.a REQUIRED)
add_library(cimlib_zlib INTERFACE IMPORTED)
target_include_directories(cimlib_zlib INTERFACE ${ZLIB_INCLUDE_DIRS})
target_link_libraries(cimlib_zlib INTERFACE ${CIMLIB_STATIC_ZLIB})
set(CIMLIB_GZIP_LIBRARY cimlib_zlib)

# Debian does not package zstd for MinGW-w64. It is used if the toolchain has it, or if these two
# variables say where it is.
find_library(CIMLIB_STATIC_ZSTD NAMES libzstd.a DOC "A static zstd for MinGW-w64")
find_path(CIMLIB_ZSTD_INCLUDES NAMES zstd.h DOC "The directory of its headers")
mark_as_advanced(CIMLIB_STATIC_ZSTD CIMLIB_ZSTD_INCLUDES)
if(CIMLIB_STATIC_ZSTD AND CIMLIB_ZSTD_INCLUDES)
  add_library(cimlib_zstd INTERFACE IMPORTED GLOBAL)
  target_include_directories(cimlib_zstd SYSTEM INTERFACE ${CIMLIB_ZSTD_INCLUDES})
  target_link_libraries(cimlib_zstd INTERFACE ${CIMLIB_STATIC_ZSTD})
  set(CIMLIB_ZSTD_LIBRARY cimlib_zstd)
else()
  message(STATUS "There is no zstd for MinGW-w64; tars compressed with it will not be supported")
endif()

# cimlib_link_host_headers(VARIABLE NAME): a directory that contains only this header, or directory
# of headers, of /usr/include, because the rest of /usr/include belongs to the host system.
set(CIMLIB_HOST_INCLUDES /usr/include
  CACHE PATH "Where CLI, fmt, nlohmann's JSON and xxHash have headers")
function(cimlib_link_host_headers variable name)
  set(only ${PROJECT_BINARY_DIR}/host-headers/${name})
  file(MAKE_DIRECTORY ${only})
  if(NOT EXISTS ${CIMLIB_HOST_INCLUDES}/${name})
    message(FATAL_ERROR "There is no ${CIMLIB_HOST_INCLUDES}/${name}")
  endif()
  file(CREATE_LINK ${CIMLIB_HOST_INCLUDES}/${name} ${only}/${name} SYMBOLIC)
  set(${variable} ${only} PARENT_SCOPE)
endfunction()

# cimlib_host_headers(TARGET DIRECTORY): an interface library for a directory of such headers.
function(cimlib_host_headers target directory)
  cimlib_link_host_headers(only ${directory})
  add_library(${target} INTERFACE IMPORTED GLOBAL)
  target_include_directories(${target} SYSTEM INTERFACE ${only})
endfunction()

cimlib_host_headers(fmt::fmt fmt)
target_compile_definitions(fmt::fmt INTERFACE FMT_HEADER_ONLY)
cimlib_host_headers(CLI11::CLI11 CLI)
cimlib_host_headers(nlohmann_json::nlohmann_json nlohmann)
cimlib_link_host_headers(CIMLIB_XXHASH_INCLUDES xxhash.h)

if(CIMLIB_BUILD_TESTS)
  set(CIMLIB_GOOGLETEST_SOURCE /usr/src/googletest CACHE PATH "The source of GoogleTest")
  set(INSTALL_GTEST OFF)
  add_subdirectory(${CIMLIB_GOOGLETEST_SOURCE} ${PROJECT_BINARY_DIR}/googletest EXCLUDE_FROM_ALL)
  if(NOT TARGET GTest::gmock)
    add_library(GTest::gmock ALIAS gmock)
    add_library(GTest::gtest_main ALIAS gtest_main)
  endif()
  # Run Windows programs through Wine.
  find_program(CIMLIB_WINE NAMES wine64 wine)
  if(CIMLIB_WINE)
    set(CMAKE_CROSSCOMPILING_EMULATOR ${CIMLIB_WINE})
  endif()
endif()
