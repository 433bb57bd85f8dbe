// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

#include <filesystem>
#include <optional>

#include "crash/disk.h"
#include "temporary_directory.h"

namespace cim::test {

/// A file system in memory for the files of one test, which can be mounted again, so that the next
/// look at them sees what reached the disk. Without root or loop devices it is just a directory.
class Volume {
 public:
  Volume();

  const std::filesystem::path& path() const noexcept;
  bool can_remount() const noexcept { return mounted_.has_value(); }
  /// Unmounts the file system, if there is one, and mounts it again on the same path.
  void remount();

 private:
  std::optional<MemoryDisk> disk_;
  std::optional<LoopMount> mounted_;
  std::optional<TemporaryDirectory> directory_;
};

}  // namespace cim::test
