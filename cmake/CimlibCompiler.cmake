# Compile options of every target of cimlib. The interface library `cimlib_compile_options` carries
# them, so that they do not affect a project that adds cimlib as a subdirectory.

add_library(cimlib_compile_options INTERFACE)
target_compile_features(cimlib_compile_options INTERFACE cxx_std_20)
target_compile_options(cimlib_compile_options INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion -Wnon-virtual-dtor
  -Wold-style-cast -Woverloaded-virtual -Wcast-align -Wunused -Wnull-dereference
  $<$<BOOL:${CIMLIB_WARNINGS_AS_ERRORS}>:-Werror>)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # At -O2 and above g++ 12 reports false positives inside its own inlined containers and strings:
  # null dereferences and overlapping copies (GCC bug 105651), and uninitialized members that a
  # designated initializer has set. clang and the sanitizers check for the last kind.
  target_compile_options(cimlib_compile_options
    INTERFACE -Wno-null-dereference -Wno-restrict -Wno-maybe-uninitialized)
endif()

if(WIN32)
  # Windows 10, without the macros that collide with names of the standard library.
  target_compile_definitions(cimlib_compile_options
    INTERFACE _WIN32_WINNT=0x0A00 WINVER=0x0A00 NOMINMAX UNICODE)
elseif(CMAKE_SIZEOF_VOID_P EQUAL 4)
  # Offsets and inode numbers of 64 bits. Times keep the 32 bits that libraries were built with.
  target_compile_definitions(cimlib_compile_options INTERFACE _FILE_OFFSET_BITS=64)
endif()

if(CIMLIB_SANITIZE)
  add_compile_options(-fsanitize=${CIMLIB_SANITIZE} -fno-omit-frame-pointer)
  add_link_options(-fsanitize=${CIMLIB_SANITIZE})
  if(CIMLIB_SANITIZE MATCHES "undefined")
    add_compile_options(-fno-sanitize-recover=undefined)
  endif()
endif()

if(CIMLIB_BUILD_FUZZERS)
  if(NOT CMAKE_CXX_COMPILER_ID MATCHES "Clang")
    message(FATAL_ERROR "CIMLIB_BUILD_FUZZERS needs clang: libFuzzer comes with it")
  endif()
  # Coverage of the library guides the fuzzer; only the fuzz targets link the driver itself.
  add_compile_options(-fsanitize=fuzzer-no-link)
endif()

# Use a compiler cache if one is installed. A project that contains this one decides for itself.
if(PROJECT_IS_TOP_LEVEL AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  find_program(CIMLIB_CCACHE ccache)
  mark_as_advanced(CIMLIB_CCACHE)
  if(CIMLIB_CCACHE)
    set(CMAKE_C_COMPILER_LAUNCHER ${CIMLIB_CCACHE})
    set(CMAKE_CXX_COMPILER_LAUNCHER ${CIMLIB_CCACHE})
  endif()
endif()

set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_CXX_VISIBILITY_PRESET hidden)
set(CMAKE_VISIBILITY_INLINES_HIDDEN ON)
