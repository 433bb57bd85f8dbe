// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// A system of which one call fails, whichever it is and whoever makes it: the library, the C++
// library, or the C library on its own behalf.
//
// A seccomp filter turns system calls into SIGSYS, whose handler counts them and either makes the
// call or returns the error. Left alone is what a process needs in order to run: memory, signals,
// threads that are there, the clock. A new thread fails where its stack is mapped.

#include <cstdint>
#include <string>

namespace cim::test {

/// What became of the calls of a process, in memory that it shares with the one that waits for it.
struct CallLog {
  std::uint64_t calls = 0;  ///< that could have failed
  long failed = -1;         ///< number of the system call that did; -1 for none
  bool lost_data = false;   ///< it was a flush that waits, so that data may be lost
  bool kept_file = false;   ///< it was a removal, so that a temporary file may be left
};

/// Whether this machine can do it.
bool can_fail_system_calls();

/// From now on counts the calls of this process into `log`, which must be shared memory, and has
/// the call of that number, counted from 1, fail with EIO. 0 fails none. Cannot be undone.
void fail_system_call(std::uint64_t place, CallLog* log);

/// As in "openat", as far as known; else the number.
std::string system_call_name(long number);

}  // namespace cim::test
