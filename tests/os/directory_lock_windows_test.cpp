// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>
#include <windows.h>

#include "expect_error.h"
#include "os/directory_lock.h"
#include "temporary_directory.h"

namespace cim {
namespace {

using namespace std::chrono_literals;
using test::expect_error;

TEST(DirectoryLock, ExcludesOthersUntilItIsReleased) {
  const test::TemporaryDirectory directory;
  std::optional<DirectoryLock> lock(directory.path());
  expect_error(ErrorCode::kBusy, "another process",
               [&] { DirectoryLock second(directory.path()); });
  expect_error(ErrorCode::kBusy, "another process",
               [&] { DirectoryLock shared(directory.path(), 0ms, LockMode::kShared); });
  lock.reset();
  EXPECT_NO_THROW(DirectoryLock(directory.path(), 0ms));
}

TEST(DirectoryLock, IsSharedInSharedMode) {
  const test::TemporaryDirectory directory;
  std::optional<DirectoryLock> first(std::in_place, directory.path(), 0ms, LockMode::kShared);
  std::optional<DirectoryLock> second(std::in_place, directory.path(), 0ms, LockMode::kShared);
  expect_error(ErrorCode::kBusy, "another process", [&] { DirectoryLock alone(directory.path()); });
  first.reset();
  expect_error(ErrorCode::kBusy, "another process", [&] { DirectoryLock alone(directory.path()); });
  EXPECT_NO_THROW(DirectoryLock(directory.path(), 0ms, LockMode::kShared));
  second.reset();
  EXPECT_NO_THROW(DirectoryLock(directory.path(), 0ms));
}

TEST(DirectoryLock, LeavesNothingInTheDirectory) {
  const test::TemporaryDirectory directory;
  { const DirectoryLock lock(directory.path()); }
  { const DirectoryLock shared(directory.path(), 0ms, LockMode::kShared); }
  EXPECT_TRUE(std::filesystem::is_empty(directory.path()));
}

TEST(DirectoryLock, WaitsForTheTimeout) {
  const test::TemporaryDirectory directory;
  std::optional<DirectoryLock> lock(directory.path());
  std::thread giver([&] {
    std::this_thread::sleep_for(100ms);
    lock.reset();
  });
  EXPECT_NO_THROW(DirectoryLock(directory.path(), std::chrono::milliseconds::max()));
  giver.join();
}

TEST(DirectoryLock, IsHeldByOneOfManyAtATime) {
  const test::TemporaryDirectory directory;
  std::atomic<int> inside = 0;
  std::atomic<int> most = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      for (int round = 0; round < 10; ++round) {
        const DirectoryLock lock(directory.path(), 60s);
        most = std::max(most.load(), ++inside);
        std::this_thread::yield();
        --inside;
      }
    });
  }
  for (std::thread& thread : threads) {
    thread.join();
  }
  EXPECT_EQ(most, 1);
}

/// A process of this program that takes the lock, creates a file to report that, and waits to be
/// killed.
class Holder {
 public:
  Holder(const std::filesystem::path& directory, const std::filesystem::path& told) {
    std::array<wchar_t, 32768> program{};
    ::GetModuleFileNameW(nullptr, program.data(), static_cast<DWORD>(program.size()));
    std::wstring command = L"\"" + std::wstring(program.data()) +
                           L"\" --gtest_also_run_disabled_tests "
                           L"--gtest_filter=DirectoryLock.DISABLED_IsHeldUntilTheProcessIsKilled";
    ::SetEnvironmentVariableW(L"CIMLIB_TEST_LOCK", directory.c_str());
    ::SetEnvironmentVariableW(L"CIMLIB_TEST_TOLD", told.c_str());
    STARTUPINFOW startup{};
    startup.cb = sizeof startup;
    EXPECT_TRUE(::CreateProcessW(program.data(), command.data(), nullptr, nullptr, FALSE, 0,
                                 nullptr, nullptr, &startup, &process_));
    for (int i = 0; i < 3000 && !std::filesystem::exists(told); ++i) {
      std::this_thread::sleep_for(10ms);
    }
    EXPECT_TRUE(std::filesystem::exists(told));
  }
  Holder(const Holder&) = delete;
  Holder& operator=(const Holder&) = delete;
  ~Holder() {
    ::CloseHandle(process_.hThread);
    ::CloseHandle(process_.hProcess);
  }

  void kill() const {
    EXPECT_TRUE(::TerminateProcess(process_.hProcess, 1));
    EXPECT_EQ(::WaitForSingleObject(process_.hProcess, 60000), WAIT_OBJECT_0);
  }

 private:
  PROCESS_INFORMATION process_{};
};

TEST(DirectoryLock, DISABLED_IsHeldUntilTheProcessIsKilled) {
  const DirectoryLock lock(_wgetenv(L"CIMLIB_TEST_LOCK"));
  std::ofstream(std::filesystem::path(_wgetenv(L"CIMLIB_TEST_TOLD"))) << "taken";
  std::this_thread::sleep_for(5min);
}

TEST(DirectoryLock, IsReleasedWhenTheProcessIsKilled) {
  const test::TemporaryDirectory directory;
  const test::TemporaryDirectory beside;
  const Holder holder(directory.path(), beside.path() / "told");
  expect_error(ErrorCode::kBusy, "another process",
               [&] { DirectoryLock second(directory.path()); });
  expect_error(ErrorCode::kBusy, "another process",
               [&] { DirectoryLock shared(directory.path(), 0ms, LockMode::kShared); });
  holder.kill();
  for (int i = 0; i < 300 && !std::filesystem::is_empty(directory.path()); ++i) {
    std::this_thread::sleep_for(10ms);  // the kernel closes files after the process has ended
  }
  EXPECT_TRUE(std::filesystem::is_empty(directory.path()));
  EXPECT_NO_THROW(DirectoryLock(directory.path(), 0ms));
}

TEST(DirectoryLock, IgnoresALeftoverLockFile) {
  const test::TemporaryDirectory directory;
  std::ofstream(directory.path() / ".cimlib.lock") << "left";
  { const DirectoryLock shared(directory.path(), 0ms, LockMode::kShared); }
  EXPECT_TRUE(std::filesystem::is_empty(directory.path()));
}

TEST(DirectoryLock, RequiresADirectory) {
  const test::TemporaryDirectory directory;
  expect_error(ErrorCode::kNotFound, "no such directory",
               [&] { DirectoryLock lock(directory.path() / "none"); });
}

}  // namespace
}  // namespace cim
