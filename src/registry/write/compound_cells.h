// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// Writes what takes several cells: the lists of a key's subkeys, and the data of a value, which are
// stored in its record, in a cell, or in segments.

#include <cstdint>
#include <span>

#include "registry/format/cell_views.h"
#include "registry/format/name.h"
#include "registry/write/cell_writer.h"

namespace cim::registry {

struct SubkeyEntry {
  std::uint32_t pointer;
  std::uint32_t hash;  ///< as returned by subkey_hash()
};

/// Returns what the lists of a hive of that version store with each key: a hash or a hint of its
/// name.
std::uint32_t subkey_hash(const Name& name, std::uint32_t minor_version) noexcept;

/// Writes the list of subkeys, at least one, sorted by name: one leaf if it fits, else a list of
/// leaves. Returns the list's pointer. Throws kLimit if there are too many subkeys.
std::uint32_t write_subkey_lists(CellWriter& cells, std::span<const SubkeyEntry> subkeys,
                                 std::uint32_t minor_version);

/// Writes the data, and stores their location and size in the record. Throws kLimit if the data are
/// too large.
void write_value_data(CellWriter& cells, ValueRecord& record, const DataView& data,
                      std::uint32_t minor_version);

}  // namespace cim::registry
