// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
// The thread impersonates its own user, so that the other threads of the process keep the
// privileges that they had.
#include "os/privileges_windows.h"

#include <algorithm>

#include <windows.h>

namespace cim {
namespace {

bool has_thread_token() {
  HANDLE token = nullptr;
  if (::OpenThreadToken(::GetCurrentThread(), TOKEN_QUERY, TRUE, &token) != 0) {
    ::CloseHandle(token);
    return true;
  }
  return ::GetLastError() != ERROR_NO_TOKEN;
}

// AdjustTokenPrivileges() succeeds without effect for a privilege that the user does not hold.
bool enable(HANDLE token, const wchar_t* name) {
  TOKEN_PRIVILEGES privileges{};
  privileges.PrivilegeCount = 1;
  privileges.Privileges[0].Attributes = SE_PRIVILEGE_ENABLED;
  return ::LookupPrivilegeValueW(nullptr, name, &privileges.Privileges[0].Luid) != 0 &&
         ::AdjustTokenPrivileges(token, FALSE, &privileges, 0, nullptr, nullptr) != 0 &&
         ::GetLastError() == ERROR_SUCCESS;
}

}  // namespace

ThreadPrivileges::ThreadPrivileges(std::initializer_list<const wchar_t*> names)
    : impersonates_self_(!has_thread_token() && ::ImpersonateSelf(SecurityImpersonation) != 0) {
  HANDLE token = nullptr;
  if (::OpenThreadToken(::GetCurrentThread(), TOKEN_ADJUST_PRIVILEGES | TOKEN_QUERY, TRUE,
                        &token) == 0) {
    return;
  }
  for (const wchar_t* const name : names) {
    if (enable(token, name)) {
      enabled_.emplace_back(name);
    }
  }
  ::CloseHandle(token);
}

ThreadPrivileges::~ThreadPrivileges() {
  if (impersonates_self_) {
    ::RevertToSelf();
  }
}

bool ThreadPrivileges::has(const wchar_t* name) const {
  return std::ranges::find(enabled_, name) != enabled_.end();
}

}  // namespace cim
