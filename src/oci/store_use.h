// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

#include <filesystem>
#include <optional>
#include <utility>

#include "cimlib/lock.h"

#include "oci/records.h"
#include "os/directory_lock.h"

namespace cim::oci {

/// The use of a store by an import: creates the directory of records and holds its lock shared, so
/// that garbage collection does not remove what the import needs. Directories that remain empty are
/// removed at the end.
class StoreUse {
 public:
  StoreUse(const std::filesystem::path& store, LockTimeout lock_timeout)
      : records_(store), lock_timeout_(std::move(lock_timeout)) {}
  StoreUse(const StoreUse&) = delete;
  StoreUse& operator=(const StoreUse&) = delete;
  ~StoreUse();

  const StoreRecords& records() const noexcept { return records_; }
  const LockTimeout& lock_timeout() const noexcept { return lock_timeout_; }

  /// Creates the directories and takes the lock, unless that was done before. Throws kBusy if
  /// garbage is being collected for longer than the timeout, and what creating directories throws.
  void begin();
  /// Keeps the directories even if they are empty.
  void dismiss() noexcept { is_kept_ = true; }

 private:
  void remove_empty_directories();

  StoreRecords records_;
  LockTimeout lock_timeout_;
  std::optional<DirectoryLock> lock_;
  bool made_store_ = false;
  bool is_kept_ = false;
};

}  // namespace cim::oci
