// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// Recovery of a torn hive from its transaction logs, in memory (format of Windows 8.1 and later).

#include <span>
#include <string>

#include "cimlib/hive.h"

#include "base/bytes.h"

namespace cim::registry {

/// The hive with the entries of its logs applied that follow its own sequence number and one
/// another without a gap, and marked as whole. Each log is judged by itself: `warning` receives
/// which entries were applied, and for each log that is not used, or not wholly, the reason. Throws
/// kCorrupt, with the reason for each log, if no entry can be applied, and for two logs with
/// different entries of one number; kUnsupported if no log can be used and one has the old format
/// ("DIRT").
Bytes recover_from_logs(Bytes hive, const std::string& subject, std::span<const LogFile> files,
                        const WarningSink& warning);

/// The hash of log entries (Marvin32) over bytes of a multiple of four.
std::uint64_t log_hash(ByteView bytes) noexcept;

}  // namespace cim::registry
