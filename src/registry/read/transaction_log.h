// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// Recovery of a torn hive from its transaction logs, in memory (log format of Windows 8.1 and
// later).

#include <span>
#include <string>

#include "cimlib/hive.h"

#include "base/bytes.h"

namespace cim::registry {

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
