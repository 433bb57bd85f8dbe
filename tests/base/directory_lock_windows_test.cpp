// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include <algorithm>
#include <atomic>
#include <chrono>
#include <optional>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "base/directory_lock.h"
#include "expect_error.h"
#include "temporary_directory.h"

namespace cim {
namespace {

using namespace std::chrono_literals;
using test::expect_error;

TEST(DirectoryLock, KeepsOthersOutUntilItGoes) {
  const test::TemporaryDirectory directory;
  std::optional<DirectoryLock> lock(directory.path());
  expect_error(ErrorCode::kBusy, "another process",
               [&] { DirectoryLock second(directory.path()); });
  expect_error(ErrorCode::kBusy, "another process",
               [&] { DirectoryLock shared(directory.path(), 0ms, LockKind::kShared); });
  lock.reset();
  EXPECT_NO_THROW(DirectoryLock(directory.path(), 0ms));
}

TEST(DirectoryLock, IsSharedByThoseWhoSayTheyShare) {
  const test::TemporaryDirectory directory;
  std::optional<DirectoryLock> first(std::in_place, directory.path(), 0ms, LockKind::kShared);
  std::optional<DirectoryLock> second(std::in_place, directory.path(), 0ms, LockKind::kShared);
  expect_error(ErrorCode::kBusy, "another process", [&] { DirectoryLock alone(directory.path()); });
  first.reset();
  expect_error(ErrorCode::kBusy, "another process", [&] { DirectoryLock alone(directory.path()); });
  EXPECT_NO_THROW(DirectoryLock(directory.path(), 0ms, LockKind::kShared));
  second.reset();
  EXPECT_NO_THROW(DirectoryLock(directory.path(), 0ms));
}

TEST(DirectoryLock, LeavesNothingInTheDirectory) {
  const test::TemporaryDirectory directory;
  { const DirectoryLock lock(directory.path()); }
  { const DirectoryLock shared(directory.path(), 0ms, LockKind::kShared); }
  EXPECT_TRUE(std::filesystem::is_empty(directory.path()));
}

TEST(DirectoryLock, WaitsForAsLongAsItIsTold) {
  const test::TemporaryDirectory directory;
  std::optional<DirectoryLock> lock(directory.path());
  std::thread giver([&] {
    std::this_thread::sleep_for(100ms);
    lock.reset();
  });
  EXPECT_NO_THROW(DirectoryLock(directory.path(), std::chrono::milliseconds::max()));
  giver.join();
}

TEST(DirectoryLock, IsHeldByOneAtATimeHoweverManyComeAndGo) {
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

TEST(DirectoryLock, NeedsADirectory) {
  const test::TemporaryDirectory directory;
  expect_error(ErrorCode::kNotFound, "no such directory",
               [&] { DirectoryLock lock(directory.path() / "none"); });
}

}  // namespace
}  // namespace cim
