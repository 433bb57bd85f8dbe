include(CimlibArchitecture)

# cimlib_component(FOLDER [SOURCES file...] [LIBRARIES target...])
#
# Defines the object library `cimlib_FOLDER`, with `_` for `/`, from one folder of src/.
# CimlibArchitecture.cmake lists the folders that it may include. LIBRARIES are external
# dependencies.
function(cimlib_component folder)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "SOURCES;LIBRARIES")
  cimlib_folder_target(target ${folder})
  add_library(${target} OBJECT ${arg_SOURCES})
  target_include_directories(${target}
    PUBLIC $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/include>
           $<BUILD_INTERFACE:${PROJECT_BINARY_DIR}/include>
           $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/src>)
  target_link_libraries(${target}
    PRIVATE cimlib_compile_options
    PUBLIC ${arg_LIBRARIES})
  if(CIMLIB_PRECOMPILE_HEADERS)
    target_precompile_headers(${target} PRIVATE
      <algorithm> <filesystem> <functional> <memory> <optional> <span> <string> <string_view>
      <unordered_map> <vector>)
  endif()
  if(CIMLIB_SANITIZE)
    # Without optimization, sanitized code takes three times as long.
    target_compile_options(${target} PRIVATE $<$<CONFIG:Debug>:-O1>)
  endif()
  cimlib_used_folders(folders ${folder})
  foreach(used IN LISTS folders)
    cimlib_folder_target(used_target ${used})
    if(TARGET ${used_target})  # options or the system exclude some
      target_link_libraries(${target} PUBLIC ${used_target})
    endif()
  endforeach()
  set_property(GLOBAL APPEND PROPERTY CIMLIB_COMPONENTS ${target})
  set_property(GLOBAL APPEND PROPERTY CIMLIB_LIBRARIES ${arg_LIBRARIES})
endfunction()

# cimlib_test(NAME SOURCES file... COMPONENTS folder... [LIBRARIES target...])
#
# Defines the GoogleTest program NAME_tests. It is linked to the objects of these folders and of all
# below them, so that it can reach symbols that the library hides.
function(cimlib_test name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "SOURCES;COMPONENTS;LIBRARIES")
  set(target ${name}_tests)
  add_executable(${target} ${arg_SOURCES})
  cimlib_link_components(${target} ${arg_COMPONENTS})
  target_link_libraries(${target} PRIVATE cimlib_compile_options GTest::gtest_main GTest::gmock
                                          ${arg_LIBRARIES})
  target_include_directories(${target} PRIVATE ${PROJECT_SOURCE_DIR}/tests)
  add_test(NAME ${name} COMMAND ${target})
  set_tests_properties(${name} PROPERTIES TIMEOUT 600)
endfunction()

# Serializes tests that mount for containers or look for leftovers of such mounts, because all of
# them use the machine's volume directory.
function(cimlib_mounts_for_containers)
  set_tests_properties(${ARGN} PROPERTIES RESOURCE_LOCK container-volumes)
endfunction()

# Links a program to the objects of folders and of all their dependencies. CMake passes the objects
# of an object library to its direct users only.
function(cimlib_link_components target)
  cimlib_folders_with_all_below(folders ${ARGN})
  foreach(folder IN LISTS folders)
    cimlib_folder_target(component ${folder})
    if(TARGET ${component})
      target_link_libraries(${target} PRIVATE ${component})
    endif()
  endforeach()
endfunction()

# Excludes files from unity builds, which ./test uses for speed, because other files of the same
# target have the same private names (in an anonymous namespace).
function(cimlib_compile_alone)
  set_source_files_properties(${ARGN} PROPERTIES SKIP_UNITY_BUILD_INCLUSION ON)
endfunction()
