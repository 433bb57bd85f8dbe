# cimlib_component(NAME [SOURCES file...] [USES component...] [LIBRARIES target...])
#
# One folder of src/ as one object library, `cimlib_NAME`. USES names the folders that it may
# include, so the link lines of src/ are the architecture of docs/architecture.md;
# tests/architecture compares the #include lines with them. LIBRARIES are outside dependencies.
function(cimlib_component name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "SOURCES;USES;LIBRARIES")
  set(target cimlib_${name})
  add_library(${target} OBJECT ${arg_SOURCES})
  target_include_directories(${target}
    PUBLIC $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/include>
           $<BUILD_INTERFACE:${PROJECT_BINARY_DIR}/include>
           $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/src>)
  target_compile_definitions(${target} PRIVATE CIMLIB_BUILDING)
  target_link_libraries(${target}
    PRIVATE cimlib_compile_options
    PUBLIC ${arg_LIBRARIES})
  if(CIMLIB_PRECOMPILE_HEADERS)
    target_precompile_headers(${target} PRIVATE
      <algorithm> <filesystem> <functional> <memory> <optional> <span> <string> <string_view>
      <unordered_map> <vector>)
  endif()
  if(CIMLIB_SANITIZE)
    # Without, everything that sanitizers look at takes three times as long.
    target_compile_options(${target} PRIVATE $<$<CONFIG:Debug>:-O1>)
  endif()
  foreach(used IN LISTS arg_USES)
    target_link_libraries(${target} PUBLIC cimlib_${used})
  endforeach()
  set_property(GLOBAL APPEND PROPERTY CIMLIB_COMPONENTS ${name})
  set_property(GLOBAL APPEND PROPERTY CIMLIB_LIBRARIES ${arg_LIBRARIES})
endfunction()

# cimlib_test(NAME SOURCES file... COMPONENTS component...)
#
# One GoogleTest program; it is linked to the folders' objects, so that it can reach what the
# library hides.
function(cimlib_test name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "SOURCES;COMPONENTS;LIBRARIES")
  set(target ${name}_tests)
  add_executable(${target} ${arg_SOURCES})
  cimlib_link_components(${target} ${arg_COMPONENTS})
  target_link_libraries(${target} PRIVATE cimlib_compile_options GTest::gtest_main GTest::gmock
                                          ${arg_LIBRARIES})
  target_include_directories(${target} PRIVATE ${PROJECT_SOURCE_DIR}/tests)
  target_compile_definitions(${target} PRIVATE
    CIMLIB_TEST_DATA="${PROJECT_SOURCE_DIR}/tests/data")
  add_test(NAME ${name} COMMAND ${target})
  set_tests_properties(${name} PROPERTIES TIMEOUT 600)
endfunction()

# Tests that mount for containers, or look for what such mounts left: all of them do it in the machine's
# directory of volumes, so one at a time.
function(cimlib_mounts_for_containers)
  set_tests_properties(${ARGN} PROPERTIES RESOURCE_LOCK container-volumes)
endfunction()

# Objects of an object library reach only direct users, so a program names each folder once here.
function(cimlib_link_components target)
  foreach(component IN LISTS ARGN)
    target_link_libraries(${target} PRIVATE cimlib_${component})
  endforeach()
endfunction()

# Files whose private names (in an anonymous namespace) other files of the same target have too: they
# are compiled by themselves in unity builds, which ./test uses for speed.
function(cimlib_compile_alone)
  set_source_files_properties(${ARGN} PROPERTIES SKIP_UNITY_BUILD_INCLUSION ON)
endfunction()
