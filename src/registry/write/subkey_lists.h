// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// The lists of a key's subkeys, as they are written.

#include <cstdint>
#include <span>

#include "registry/format/name.h"
#include "registry/write/cell_writer.h"

namespace cim::registry {

struct SubkeyEntry {
  std::uint32_t pointer;
  std::uint32_t hash;  ///< as subkey_hash() has it
};

/// What the lists of a hive of that version have beside a key: a hash or a hint of its name.
std::uint32_t subkey_hash(const Name& name, std::uint32_t minor_version) noexcept;

/// Writes the list of subkeys, at least one, in the order of their names: one leaf while it fits,
/// then a list of leaves. Returns its pointer. Throws kLimit for more than there can be.
std::uint32_t write_subkey_lists(CellWriter& cells, std::span<const SubkeyEntry> subkeys,
                                 std::uint32_t minor_version);

}  // namespace cim::registry
