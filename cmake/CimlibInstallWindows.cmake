# Install rules for Windows: the program, the DLLs with their import libraries, and the headers.
install(TARGETS cim cimfs_dll cimwriter_dll cimlib_dll offreg_dll
  RUNTIME COMPONENT tool ARCHIVE COMPONENT development)
install(DIRECTORY ${PROJECT_SOURCE_DIR}/include/cimlib ${PROJECT_BINARY_DIR}/include/cimlib
  DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} COMPONENT development
  FILES_MATCHING PATTERN "*.h")
