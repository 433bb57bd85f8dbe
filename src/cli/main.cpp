// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include <string>
#include <vector>

#include "cli/command_line.h"
#include "cli/mount_helper.h"
#include "cli/process.h"

int main(int count, char** words) {
  const cim::cli::Process process;
  const std::vector<std::string> arguments(words + (count > 0 ? 1 : 0), words + count);
  if (count > 0 && cim::cli::is_mount_helper(words[0])) {
    return cim::cli::run_mount_helper(arguments, process.environment());
  }
  return cim::cli::run(arguments, process.environment());
}
