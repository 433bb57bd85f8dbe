// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// The security descriptors of a hive that is being written; equal descriptors share a cell.

#include <cstdint>
#include <deque>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "os/seeded_hash.h"
#include "registry/write/cell_writer.h"

namespace cim::registry {

/// Identifies a descriptor in a pool.
enum class DescriptorId : std::uint32_t {};

class DescriptorPool {
 public:
  /// Returns the id of the descriptor with these bytes. No cell is allocated until it is used.
  DescriptorId find(ByteView bytes);
  /// Returns the descriptor's cell and counts one more key that refers to it.
  std::uint32_t use(DescriptorId id, CellWriter& cells);
  /// Fills in the records of all used descriptors: a ring, in order of first use.
  void write_ring(CellWriter& cells) const;

 private:
  struct Descriptor {
    Bytes bytes;
    std::uint32_t pointer = kNil;
    std::uint32_t references = 0;
  };

  std::deque<Descriptor> descriptors_;
  SeededMap<std::string_view, std::uint32_t> known_;
  std::vector<std::uint32_t> used_;  // in order of first use
};

}  // namespace cim::registry
