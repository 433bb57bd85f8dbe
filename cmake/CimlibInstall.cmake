# Install rules: the library with its headers and the files for find_package(cimlib) and pkg-config,
# the program, its manual and its completion. Components: runtime (the shared library), development,
# tool.

include(CMakePackageConfigHelpers)

set(cimlib_package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/cimlib)

# How a program that links the static library finds its dependencies: "TARGET|linker flag|CMake
# command".
set(cimlib_known_libraries
  "fmt::fmt|-lfmt|find_dependency(fmt)"
  "OpenSSL::Crypto|-lcrypto|find_dependency(OpenSSL COMPONENTS Crypto)"
  "spdlog::spdlog|-lspdlog|find_dependency(spdlog)"
  "Threads::Threads|-pthread|find_dependency(Threads)"
  "PkgConfig::ZSTD|-lzstd|cimlib_find_module(ZSTD libzstd)"
  "PkgConfig::CURL|-lcurl|cimlib_find_module(CURL libcurl)"
  "PkgConfig::ISAL|-lisal|cimlib_find_module(ISAL libisal)"
  "ZLIB::ZLIB|-lz|find_dependency(ZLIB)"
  "PkgConfig::LIBZIP|-lzip|cimlib_find_module(LIBZIP libzip)"
  "PkgConfig::EXPAT|-lexpat|cimlib_find_module(EXPAT expat)"
  "wim|-lwim|"
  "PkgConfig::FUSE3|-lfuse3|cimlib_find_module(FUSE3 fuse3)")

# cimlib_describe_libraries(FLAGS DEPENDENCIES library...): the linker flags and the lines of the
# config file for these libraries.
function(cimlib_describe_libraries flags_variable dependencies_variable)
  set(flags "")
  set(dependencies "")
  foreach(library IN LISTS ARGN)
    set(known ${cimlib_known_libraries})
    list(FILTER known INCLUDE REGEX "^${library}[|]")
    if(NOT known)
      message(FATAL_ERROR "CimlibInstall.cmake does not know how to find ${library}")
    endif()
    string(REPLACE "|" ";" known "${known}")
    list(GET known 1 flag)
    list(GET known 2 dependency)
    list(APPEND flags ${flag})
    string(APPEND dependencies "${dependency}\n")
  endforeach()
  list(JOIN flags " " flags)
  set(${flags_variable} "${flags}" PARENT_SCOPE)
  set(${dependencies_variable} "${dependencies}" PARENT_SCOPE)
endfunction()

get_property(cimlib_libraries GLOBAL PROPERTY CIMLIB_LIBRARIES)
list(REMOVE_DUPLICATES cimlib_libraries)
list(REMOVE_ITEM cimlib_libraries
  cimlib::cimlib CLI11::CLI11 nlohmann_json::nlohmann_json)  # used by the program only
cimlib_describe_libraries(CIMLIB_STATIC_LIBS CIMLIB_DEPENDENCIES ${cimlib_libraries})
configure_package_config_file(
  ${PROJECT_SOURCE_DIR}/cmake/cimlib-config.cmake.in
  ${PROJECT_BINARY_DIR}/cmake/cimlib-config.cmake
  INSTALL_DESTINATION ${cimlib_package_dir} NO_SET_AND_CHECK_MACRO)
# While the major version is 0, every minor version may be incompatible.
write_basic_package_version_file(${PROJECT_BINARY_DIR}/cmake/cimlib-config-version.cmake
  COMPATIBILITY SameMinorVersion)
# Relative, so that the tree can be installed under another prefix than the configured one.
file(RELATIVE_PATH CIMLIB_PREFIX_FROM_PC /${CMAKE_INSTALL_LIBDIR}/pkgconfig /)
configure_file(${PROJECT_SOURCE_DIR}/cmake/cimlib.pc.in
               ${PROJECT_BINARY_DIR}/cmake/cimlib.pc @ONLY)

install(TARGETS cimlib_shared EXPORT cimlib-shared
  LIBRARY COMPONENT runtime NAMELINK_COMPONENT development)
install(TARGETS cimlib EXPORT cimlib-static ARCHIVE COMPONENT development)
foreach(form IN ITEMS shared static)
  install(EXPORT cimlib-${form} NAMESPACE cimlib::
    DESTINATION ${cimlib_package_dir} COMPONENT development)
endforeach()
install(FILES ${PROJECT_BINARY_DIR}/cmake/cimlib-config.cmake
              ${PROJECT_BINARY_DIR}/cmake/cimlib-config-version.cmake
  DESTINATION ${cimlib_package_dir} COMPONENT development)
install(FILES ${PROJECT_BINARY_DIR}/cmake/cimlib.pc
  DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig COMPONENT development)
install(DIRECTORY ${PROJECT_SOURCE_DIR}/include/cimlib ${PROJECT_BINARY_DIR}/include/cimlib
  DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} COMPONENT development
  FILES_MATCHING PATTERN "*.h")

if(NOT CIMLIB_BUILD_PROGRAM)
  return()
endif()
install(TARGETS cim COMPONENT tool)
if(CIMLIB_BUILD_MOUNT)
  # mount(8) looks for helpers in /sbin only, which is /usr/sbin if the prefix is /usr.
  file(RELATIVE_PATH cimlib_program_from_sbin /${CMAKE_INSTALL_SBINDIR}
       /${CMAKE_INSTALL_BINDIR}/cim)
  file(CREATE_LINK ${cimlib_program_from_sbin} ${PROJECT_BINARY_DIR}/mount.cim SYMBOLIC)
  install(FILES ${PROJECT_BINARY_DIR}/mount.cim DESTINATION ${CMAKE_INSTALL_SBINDIR}
    COMPONENT tool)
endif()
file(GLOB cimlib_manual CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/docs/man/*.1)
install(FILES ${cimlib_manual} DESTINATION ${CMAKE_INSTALL_MANDIR}/man1 COMPONENT tool)
install(FILES ${PROJECT_SOURCE_DIR}/completion/cim.bash
  DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions RENAME cim COMPONENT tool)
install(FILES ${PROJECT_SOURCE_DIR}/completion/_cim
  DESTINATION ${CMAKE_INSTALL_DATADIR}/zsh/site-functions COMPONENT tool)
install(FILES ${PROJECT_SOURCE_DIR}/completion/cim.fish
  DESTINATION ${CMAKE_INSTALL_DATADIR}/fish/vendor_completions.d COMPONENT tool)
