// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "os/privileges_windows.h"

#include <gtest/gtest.h>
#include <windows.h>

namespace cim {
namespace {

bool impersonates() {
  HANDLE token = nullptr;
  const bool has_token = ::OpenThreadToken(::GetCurrentThread(), TOKEN_QUERY, TRUE, &token) != 0;
  if (has_token) {
    ::CloseHandle(token);
  }
  return has_token;
}

TEST(ThreadPrivileges, AreThoseThatTheUserHolds) {
  const ThreadPrivileges privileges{L"SeBackupPrivilege", L"SeNoSuchPrivilege"};
  EXPECT_TRUE(privileges.has(L"SeBackupPrivilege"));  // Wine's user is an administrator
  EXPECT_FALSE(privileges.has(L"SeNoSuchPrivilege"));
  EXPECT_FALSE(privileges.has(L"SeRestorePrivilege"));
}

TEST(ThreadPrivileges, EndWithTheObject) {
  {
    const ThreadPrivileges privileges{L"SeBackupPrivilege"};
    EXPECT_TRUE(impersonates());
    { const ThreadPrivileges more{L"SeRestorePrivilege"}; }
    EXPECT_TRUE(impersonates());
  }
  EXPECT_FALSE(impersonates());
}

}  // namespace
}  // namespace cim
