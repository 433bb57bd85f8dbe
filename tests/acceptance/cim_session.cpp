// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
// Runs many commands of cim in one process: with sanitizers the start of a process takes longer
// than most commands.
//
// A command on standard input is a line with the number of its words, then the words, each followed
// by a NUL. The answer is a line with the exit status and the sizes of standard output and standard
// error, followed by those bytes.

#include <iostream>
#include <string>
#include <vector>

#include "cli/run_cim.h"

int main() {
  for (std::string count; std::getline(std::cin, count);) {
    std::vector<std::string> words(std::stoul(count));
    for (std::string& word : words) {
      std::getline(std::cin, word, '\0');
    }
    const auto outcome = cim::cli::test::run_cim(words);
    std::cout << outcome.status << ' ' << outcome.output.size() << ' ' << outcome.errors.size()
              << '\n'
              << outcome.output << outcome.errors << std::flush;
  }
  return 0;
}
