# cimlib_dll(NAME DEFINITION file DESCRIPTION text COMPONENTS folder...)
#
# Defines the target NAME_dll for NAME.dll, from the objects of these folders and of all below them.
# The .def file lists what it exports, so that no C++ symbols are exported. The DLL has a version
# resource with cimlib's version and the description, which programs and the Explorer show.
function(cimlib_dll name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "DEFINITION;DESCRIPTION" "COMPONENTS")
  set(CIMLIB_DLL_NAME ${name})
  set(CIMLIB_DLL_DESCRIPTION ${arg_DESCRIPTION})
  set(resource ${CMAKE_CURRENT_BINARY_DIR}/${name}.rc)
  configure_file(${PROJECT_SOURCE_DIR}/cmake/dll.rc.in ${resource} @ONLY)
  add_library(${name}_dll SHARED ${arg_DEFINITION} ${resource})
  cimlib_link_components(${name}_dll ${arg_COMPONENTS})
  set_target_properties(${name}_dll PROPERTIES
    LINKER_LANGUAGE CXX OUTPUT_NAME ${name} PREFIX "")
endfunction()
