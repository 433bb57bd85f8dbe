// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// A system whose calls that change files fail, or kill the process, when told: linked into a test,
// it stands in front of the C library's functions.

#include <cstdint>

namespace cim::test {

enum class FaultKind {
  kNone,
  kIoError,     ///< the call fails with EIO
  kNoSpace,     ///< the call fails with ENOSPC; a write first takes the half of its bytes
  kKillBefore,  ///< the process is killed instead of the call
  kKillWithin,  ///< killed when a write has taken the half of its bytes; else as kKillAfter
  kKillAfter,   ///< killed when the call is done
  kDiskFull,    ///< from so many written bytes on, every write and every new file fails
};

struct Fault {
  FaultKind kind = FaultKind::kNone;
  /// Which call, counted from 1; for kDiskFull the bytes that there is room for.
  std::uint64_t place = 0;
};

/// Arms the fault in this process and sets the counts to zero.
void arm(Fault fault) noexcept;

/// Calls since then that change files: writes, flushes, new files, new sizes, new names.
std::uint64_t changing_calls() noexcept;
/// Bytes written since then.
std::uint64_t bytes_written() noexcept;

}  // namespace cim::test
