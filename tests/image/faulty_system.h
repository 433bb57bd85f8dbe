// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// A system whose calls that change files fail or kill the process on request: linked into a test,
// it replaces the C library's functions.

#include <cstdint>

namespace cim::test {

enum class FaultKind {
  kNone,
  kIoError,     ///< the call fails with EIO
  kNoSpace,     ///< the call fails with ENOSPC; a write first writes half of its bytes
  kKillBefore,  ///< the process is killed instead of the call
  kKillWithin,  ///< killed when a write has written half of its bytes; else as kKillAfter
  kKillAfter,   ///< killed after the call
  kDiskFull,    ///< after this many written bytes, every write and every new file fails
};

struct Fault {
  FaultKind kind = FaultKind::kNone;
  /// Number of the call, counted from 1; for kDiskFull, the number of bytes that there is space
  /// for.
  std::uint64_t place = 0;
};

/// Arms the fault in this process and resets the counts to zero.
void arm(Fault fault) noexcept;

/// Returns the number of calls since then that change files: writes, flushes, new files, new sizes,
/// new names.
std::uint64_t changing_calls() noexcept;
/// Returns the number of bytes written since then.
std::uint64_t bytes_written() noexcept;

}  // namespace cim::test
