// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// The lock on a directory that holds images. A process that adds or removes files there takes it:
// exclusively, or shared with others that only add files of their own. Readers need no lock. The
// kernel releases it when the process ends, so a process that was killed leaves no lock.

#include <filesystem>

#include "cimlib/lock.h"

namespace cim {

class DirectoryLock {
 public:
  /// Takes the lock, waiting at most `lock_timeout`. Throws kBusy, naming a process that holds it
  /// if known; kNotFound if the directory does not exist or was removed during the wait;
  /// kCancelled, naming the directory; kIo.
  explicit DirectoryLock(const std::filesystem::path& directory,
                         const LockTimeout& lock_timeout = {},
                         LockMode mode = LockMode::kExclusive);
  DirectoryLock(const DirectoryLock&) = delete;
  DirectoryLock& operator=(const DirectoryLock&) = delete;
  /// Releases the lock.
  ~DirectoryLock();

 private:
  int descriptor_;
};

}  // namespace cim
