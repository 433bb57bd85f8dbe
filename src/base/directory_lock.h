// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// One writer per directory: whoever adds or removes files of images there holds the directory's
// lock. Readers need none. The lock is the kernel's and goes with the process, so that one that was
// killed leaves nothing behind.

#include <chrono>
#include <filesystem>

namespace cim {

class DirectoryLock {
 public:
  /// Takes the lock, waiting for it that long. Throws kBusy, naming the process that holds it as
  /// far as that is known, kNotFound for a directory that is not there, kIo.
  explicit DirectoryLock(const std::filesystem::path& directory,
                         std::chrono::milliseconds patience = {});
  DirectoryLock(const DirectoryLock&) = delete;
  DirectoryLock& operator=(const DirectoryLock&) = delete;
  /// Gives it back.
  ~DirectoryLock();

 private:
  int descriptor_;
};

}  // namespace cim
