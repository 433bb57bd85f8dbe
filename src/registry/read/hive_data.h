// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// A hive in memory: its validated bytes, and the contents of its base block.

#include <cstdint>
#include <memory>
#include <span>
#include <string>

#include "cimlib/hive.h"

#include "base/bytes.h"
#include "registry/format/cell_views.h"
#include "registry/read/tree_validator.h"

namespace cim::registry {

class HiveData;

/// Returns the data of a hive.
const std::shared_ptr<const HiveData>& data_of(const Hive& hive) noexcept;

/// Immutable after construction, so any number of threads may read it. Views refer to its bytes.
class HiveData {
 public:
  /// Validates the whole hive; throws what Hive::open throws.
  HiveData(Bytes file, std::string subject, std::span<const LogFile> logs,
           const OpenOptions& options);

  HiveData(const HiveData&) = delete;
  HiveData& operator=(const HiveData&) = delete;
  ~HiveData() = default;

  const std::string& subject() const noexcept { return subject_; }
  /// Returns the file up to the end of the bins.
  ByteView bytes() const noexcept {
    return ByteView(file_).first(kBaseBlockSize + space_.bins.size());
  }
  const CellSpace& space() const noexcept { return space_; }
  KeyView root() const noexcept { return {space_, head_.root}; }
  KeyView key(std::uint32_t pointer) const noexcept { return {space_, pointer}; }
  const TreeFacts& facts() const noexcept { return facts_; }
  const BaseBlock& head() const noexcept { return head_; }
  bool is_dirty() const noexcept { return dirty_; }
  bool is_recovered() const noexcept { return recovered_; }

 private:
  void settle_dirtiness(std::span<const LogFile> logs, const OpenOptions& options);

  Bytes file_;
  std::string subject_;
  BaseBlock head_;
  CellSpace space_;
  TreeFacts facts_;
  bool dirty_ = false;
  bool recovered_ = false;
};

/// Converts between the public handles and views of their records.
class HandleAccess {
 public:
  /// The views are valid as long as the handle.
  static KeyView view(const Key& key) noexcept { return key.data_->key(key.pointer_); }
  static ValueView view(const Value& value) noexcept {
    return {value.data_->space(), value.pointer_};
  }
  static Key key(const std::shared_ptr<const HiveData>& data, const KeyView& view) noexcept {
    return {data, view.pointer()};
  }
  static Value value(const std::shared_ptr<const HiveData>& data, const ValueView& view) noexcept {
    return {data, view.pointer()};
  }
};

/// Reads a hive or log of at most the maximum size of a hive.
Bytes read_hive_file(const std::filesystem::path& path);

/// Returns the context that views need for a hive with this base block.
CellSpace cell_space_of(ByteView file, const BaseBlock& head) noexcept;

/// An assumption, as in registry/edit/assumptions.h: layer bits have no meaning unless the base
/// block declares layers.
bool assumed_layer_bits_are_valid(const BaseBlock& head) noexcept;

// Recovery of a dirty hive from its transaction logs, in memory: log format of Windows 8.1 and
// later (transaction_log.cpp).

/// Returns the hive with the log entries applied that follow its own sequence number without a gap,
/// and marked as clean. Each log is judged by itself: `warning` receives which entries were
/// applied, and for each log that is not used, or only in part, the reason. Throws kCorrupt, with
/// the reason for each log, if no entry can be applied, and if two logs have different entries of
/// the same number; kUnsupported if no log can be used and one has the old format ("DIRT").
Bytes recover_from_logs(Bytes hive, const std::string& subject, std::span<const LogFile> files,
                        const WarningSink& warning);

/// Returns the hash of log entries (Marvin32); the size of `bytes` must be a multiple of four.
std::uint64_t log_hash(ByteView bytes) noexcept;

}  // namespace cim::registry
