// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// A hive that a program has open, and the handles to its keys.

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <utility>

#include "cimlib/filetime.h"
#include "cimlib/hive.h"

#include "base/operation_guard.h"
#include "offreg/offreg.h"
#include "registry/edit/mutable_tree.h"

namespace cim::offreg {

class OfflineHive;
struct OpenKey;
using OpenKeys = std::multimap<const registry::MutableKey*, OpenKey*>;

/// A key that a program has open: the object of a handle.
struct OpenKey {
  std::shared_ptr<OfflineHive> hive;
  registry::MutableKey* key;  ///< null after the key was deleted
  std::uintptr_t handle = 0;
  std::uint64_t uses = 1;  ///< how many times the handle must be closed
  OpenKeys::iterator place{};
};

/// All functions but mutex() and the constructors need the mutex, which KeyAccess locks.
class OfflineHive {
 public:
  /// Creates an empty hive.
  explicit OfflineHive(FileTime now);
  explicit OfflineHive(registry::Hive source);

  std::mutex& mutex() noexcept { return mutex_; }
  bool is_closed() const noexcept { return closed_; }
  registry::MutableKey& root() noexcept { return tree_.root(); }

  /// Creates a handle to a key of `hive`.
  static ORHKEY open(const std::shared_ptr<OfflineHive>& hive, registry::MutableKey& key);
  void close_key(OpenKey& open) noexcept;
  /// Closes all handles.
  void close() noexcept;
  /// Marks the handles to a key as handles to a deleted key.
  void mark_deleted(const registry::MutableKey& key) noexcept;

  /// Runs an operation that reads the tree, which may decode keys. Any failure in it makes the hive
  /// unusable, so errors of the caller are checked outside.
  template <typename Work>
  decltype(auto) read(Work&& work) {
    return guard_.run(std::forward<Work>(work));
  }
  /// Runs an operation that changes the tree.
  template <typename Work>
  decltype(auto) change(Work&& work) {
    is_changed_ = true;
    return guard_.run(std::forward<Work>(work));
  }

  /// Returns the file that a key and everything below it are as a hive of their own. Fails if the
  /// version of Windows is not known.
  Bytes file_of(const registry::MutableKey& key, registry::OsVersion version,
                const std::filesystem::path& name) const;
  /// Returns the hive as it is now.
  std::shared_ptr<const registry::Hive> snapshot() const;

 private:
  registry::BuildOptions build_options() const;

  std::mutex mutex_;
  std::shared_ptr<const registry::Hive> source_;  // null for a new hive
  registry::MutableTree tree_;
  bool is_changed_ = false;
  bool closed_ = false;
  OperationGuard guard_{"hive", "it is closed"};
  OpenKeys open_keys_;  // with null for deleted keys
};

/// Opens the hive that was read, and returns a handle to its root. ERROR_NOT_REGISTRY_FILE if it is
/// not valid. `name` is used in errors.
ORHKEY open_hive_in_memory(Bytes file, const std::string& name);

/// A call's use of a handle: locks the hive while it exists. The constructor fails with
/// ERROR_INVALID_HANDLE, and with ERROR_KEY_DELETED unless deleted keys are accepted.
class KeyAccess {
 public:
  enum class Deleted { kRefuse, kAccept };

  explicit KeyAccess(ORHKEY handle, Deleted deleted = Deleted::kRefuse);

  OfflineHive& hive() const noexcept { return *open_->hive; }
  OpenKey& open_key() const noexcept { return *open_; }
  registry::MutableKey& key() const noexcept { return *open_->key; }
  bool is_root() const noexcept { return open_->key == &hive().root(); }

  /// Returns the key at a path below this one; null if there is none.
  registry::MutableKey* find(std::span<const std::u16string> names) const;
  /// Returns a handle to a key of this hive: this same handle for this key, which fails with
  /// ERROR_INVALID_PARAMETER if it is the root.
  ORHKEY handle_to(registry::MutableKey& key) const;

 private:
  std::shared_ptr<OpenKey> open_;
  std::unique_lock<std::mutex> lock_;  // released before the hive can be destroyed
};

}  // namespace cim::offreg
