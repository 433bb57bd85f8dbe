# Generates docs/man and completion from the program: -DCIM=<program> -DSOURCE_DIR=<tree>.

function(write_output file)
  execute_process(COMMAND ${CIM} help ${ARGN} OUTPUT_FILE ${file} COMMAND_ERROR_IS_FATAL ANY)
endfunction()

set(manual ${SOURCE_DIR}/docs/man)
file(MAKE_DIRECTORY ${manual} ${SOURCE_DIR}/completion)
write_output(${SOURCE_DIR}/completion/cim.bash --completion bash)
write_output(${SOURCE_DIR}/completion/_cim --completion zsh)
write_output(${SOURCE_DIR}/completion/cim.fish --completion fish)
write_output(${manual}/cim.1 --man)

execute_process(COMMAND ${CIM} help --verbs OUTPUT_VARIABLE verbs COMMAND_ERROR_IS_FATAL ANY)
string(STRIP "${verbs}" verbs)
string(REPLACE "\n" ";" verbs "${verbs}")
foreach(verb IN LISTS verbs)
  string(REPLACE " " "-" page ${verb})
  string(REPLACE " " ";" words ${verb})
  write_output(${manual}/cim-${page}.1 --man ${words})
endforeach()
