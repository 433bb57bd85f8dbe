// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// The lock of a directory with images. Whoever adds or removes files there holds it: alone, or
// shared with others that only add files of their own. Readers need none. The lock is the kernel's
// and goes with the process, so that one that was killed leaves nothing behind.

#include <filesystem>

#include "cimlib/lock.h"

namespace cim {

class DirectoryLock {
 public:
  /// Takes the lock, waiting for it that long. Throws kBusy, naming a process that holds it as far
  /// as that is known, kNotFound for a directory that is not there, or no longer once the lock is
  /// had, kCancelled with that name, kIo.
  explicit DirectoryLock(const std::filesystem::path& directory,
                         const LockTimeout& lock_timeout = {},
                         LockMode mode = LockMode::kExclusive);
  DirectoryLock(const DirectoryLock&) = delete;
  DirectoryLock& operator=(const DirectoryLock&) = delete;
  /// Gives it back.
  ~DirectoryLock();

 private:
  int descriptor_;
};

}  // namespace cim
