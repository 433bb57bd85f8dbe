// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

#include <filesystem>
#include <vector>

namespace cim::layer {

/// The directories created for a layer; if writing fails, those that are empty are removed.
class NewDirectories {
 public:
  NewDirectories() = default;
  NewDirectories(const NewDirectories&) = delete;
  NewDirectories& operator=(const NewDirectories&) = delete;
  ~NewDirectories();

  /// Creates the directory and any missing ones above it; returns whether it created the directory
  /// itself. Throws kNotFound if another process removes one above it in the meantime, kIo.
  bool make(const std::filesystem::path& directory);

  /// Keeps the directories.
  void dismiss() noexcept { made_.clear(); }

 private:
  std::vector<std::filesystem::path> made_;
};

}  // namespace cim::layer
