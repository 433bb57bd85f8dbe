// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// The head of a hive: its checksum, its state, and what must hold in it.

#include <cstdint>
#include <string>

#include "base/bytes.h"
#include "registry/format/cells.h"
#include "registry/format/finding.h"

namespace cim::registry {

/// The checksum that belongs to the first 508 bytes of the block.
std::uint32_t checksum_of(const BaseBlock& block) noexcept;

/// Whether the block itself is whole, as far as its checksum tells.
bool has_right_checksum(const BaseBlock& block) noexcept;

/// Copies the block out of a file. Throws what no sink can go on after: too small for a hive, not a
/// hive, a transaction log.
BaseBlock read_base_block(ByteView file, const std::string& subject);

/// Why a hive counts as torn; empty if it does not.
std::string dirtiness_of(const BaseBlock& block);

/// Throws kUnsupported or kCorrupt unless the version is 1.3 to 1.6, the format known, and the size
/// of the bins fits the file.
void require_readable(const BaseBlock& block, ByteView file, const std::string& subject);

}  // namespace cim::registry
