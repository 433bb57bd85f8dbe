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

/// Reads a hive or log of at most the maximum size of a hive.
Bytes read_hive_file(const std::filesystem::path& path);

/// Returns the context that views need for a hive with this base block.
CellSpace cell_space_of(ByteView file, const BaseBlock& head) noexcept;

/// INFERRED: layer bits have no meaning unless the base block declares layers.
bool assumed_layer_bits_mean_something(const BaseBlock& head) noexcept;

}  // namespace cim::registry
