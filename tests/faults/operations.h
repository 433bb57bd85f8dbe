// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// The operations in which system calls fail, and the files that they work on.

#include <filesystem>
#include <span>
#include <string_view>

namespace cim::test {

struct Operation {
  std::string_view name;
  /// Runs in a directory that prepare_files() filled.
  void (*run)(const std::filesystem::path& root);
  /// An error may leave part of it done; the next attempt then does the rest.
  bool is_gradual = false;
  /// It replaces a file, and that stays so if the new name can't be flushed.
  bool replaces = false;
  /// The number of a system call that the system does not know, besides the one that fails.
  long unknown_call = -1;
};

std::span<const Operation> operations();

/// Fills an empty directory with what operations work on, except for the host tree that an image is
/// made of: that one is made in the empty directory `tree`, which is not copied between runs
/// because that would change its times.
void prepare_files(const std::filesystem::path& root, const std::filesystem::path& tree);

}  // namespace cim::test
