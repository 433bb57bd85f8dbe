// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// A system in which one call fails, whichever it is and wherever it is made: in the library, the
// C++ library, or the C library on its own behalf.
//
// A seccomp filter turns system calls into SIGSYS, whose handler counts them and either makes the
// call or returns the error. Calls that a process needs in order to run are left alone: memory,
// signals, existing threads, the clock. A new thread fails when its stack is mapped.

#include <cstdint>
#include <string>

namespace cim::test {

/// Records the calls of a process, in memory that it shares with the process that waits for it.
struct CallLog {
  std::uint64_t calls = 0;  ///< that could have failed
  long failed = -1;         ///< number of the system call that failed; -1 for none
  bool lost_data = false;   ///< it was a flush that waits, or it closed a file written to without
                            ///< one, so data may be lost
  bool kept_file = false;   ///< it was a removal, so a temporary file may be left
};

/// True if this machine supports it.
bool can_fail_system_calls();

/// From now on counts the calls of this process into `log`, which must be shared memory, and makes
/// the call of that number, counted from 1, fail with EIO. 0 makes none fail. Calls with the system
/// call number `unknown` are not counted and fail with ENOSYS. Can't be undone.
void fail_system_call(std::uint64_t place, CallLog* log, long unknown = -1);

/// Returns a name as in "openat" if it is known, else the number.
std::string system_call_name(long number);

}  // namespace cim::test
