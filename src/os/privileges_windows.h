// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// Privileges of the calling thread.

#include <initializer_list>
#include <string>
#include <vector>

namespace cim {

/// Enables privileges that the user holds, for this thread only and until destruction, which must
/// be on the same thread. For a thread that impersonates another user, they are enabled in that
/// user's token and stay enabled.
class ThreadPrivileges {
 public:
  /// The names are those of Windows, such as L"SeBackupPrivilege".
  explicit ThreadPrivileges(std::initializer_list<const wchar_t*> names);
  ThreadPrivileges(const ThreadPrivileges&) = delete;
  ThreadPrivileges& operator=(const ThreadPrivileges&) = delete;
  ~ThreadPrivileges();

  /// Returns true if a privilege is enabled for this thread.
  bool has(const wchar_t* name) const;

 private:
  bool impersonates_self_ = false;
  std::vector<std::wstring> enabled_;
};

}  // namespace cim
