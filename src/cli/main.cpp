// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include <string>
#include <utility>
#include <vector>

#include "cli/command_line.h"
#include "cli/process.h"

int main(int count, char** words) {
  cim::cli::Process process;
  std::vector<std::string> arguments = cim::cli::program_words(count, words);
  std::string program;
  if (!arguments.empty()) {
    program = std::move(arguments.front());
    arguments.erase(arguments.begin());
  }
  if (cim::cli::is_mount_helper(program)) {
    return process.end(cim::cli::run_mount_helper(arguments, process.environment()));
  }
  return process.end(cim::cli::run(arguments, process.environment()));
}
