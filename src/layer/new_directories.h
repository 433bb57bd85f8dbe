// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

#include <filesystem>
#include <vector>

namespace cim::layer {

/// Directories that writing a layer makes; those that are empty at its failure go again.
class NewDirectories {
 public:
  NewDirectories() = default;
  NewDirectories(const NewDirectories&) = delete;
  NewDirectories& operator=(const NewDirectories&) = delete;
  ~NewDirectories();

  /// Makes the directory and what is missing above it; returns whether it made the directory
  /// itself. Throws kNotFound if another process removes one above it meanwhile, kIo.
  bool make(const std::filesystem::path& directory);

  /// They stay.
  void dismiss() noexcept { made_.clear(); }

 private:
  std::vector<std::filesystem::path> made_;
};

}  // namespace cim::layer
