// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// Recovery of a torn hive from its transaction logs, in memory (format of Windows 8.1 and later).

#include <string>
#include <vector>

#include "base/bytes.h"

namespace cim::registry {

/// The hive with the entries of its logs applied, and marked as whole. Throws kCorrupt if no entry
/// of the logs belongs to it, kUnsupported for logs of the old format ("DIRT").
Bytes recover_from_logs(Bytes hive, const std::string& subject, const std::vector<Bytes>& logs);

/// The hash of log entries (Marvin32) over bytes of a multiple of four.
std::uint64_t log_hash(ByteView bytes) noexcept;

}  // namespace cim::registry
