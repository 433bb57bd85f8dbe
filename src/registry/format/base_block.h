// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// The base block of a hive: its checksum, its state, and the requirements on it.

#include <cstdint>
#include <string>

#include "base/bytes.h"
#include "registry/format/cells.h"
#include "registry/format/finding.h"

namespace cim::registry {

/// Returns the checksum of the first 508 bytes of the block.
std::uint32_t checksum_of(const BaseBlock& block) noexcept;

/// Returns true if the block's checksum matches its contents.
bool has_right_checksum(const BaseBlock& block) noexcept;

/// Copies the block out of a file. Throws on damage after which no sink could continue: a file that
/// is too small for a hive, is not a hive, or is a transaction log.
BaseBlock read_base_block(ByteView file, const std::string& subject);

/// Returns the reason why a hive is dirty, one whose last write was interrupted; empty if it is
/// not.
std::string dirty_reason(const BaseBlock& block);

/// Throws kUnsupported or kCorrupt unless the version is 1.3 to 1.6, the format is known, and the
/// bins fit in the file.
void require_readable(const BaseBlock& block, ByteView file, const std::string& subject);

}  // namespace cim::registry
