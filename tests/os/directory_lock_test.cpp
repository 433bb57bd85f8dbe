// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "os/directory_lock.h"

#include <csignal>
#include <memory>
#include <stop_token>
#include <thread>

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include "expect_error.h"
#include "temporary_directory.h"
#include "wait_until.h"

namespace cim {
namespace {

using test::expect_error;

TEST(DirectoryLock, ExcludesASecondAndNamesTheHolder) {
  const test::TemporaryDirectory directory;
  {
    const DirectoryLock lock(directory.path());
    expect_error(ErrorCode::kBusy, "process " + std::to_string(::getpid()) + " (",
                 [&] { const DirectoryLock second(directory.path()); });
  }
  const DirectoryLock again(directory.path());
}

TEST(DirectoryLock, DoesNotLockOtherDirectories) {
  const test::TemporaryDirectory directory;
  const test::TemporaryDirectory other;
  const DirectoryLock lock(directory.path());
  const DirectoryLock second(other.path());
}

TEST(DirectoryLock, FailsIfTheDirectoryWasRemoved) {
  const test::TemporaryDirectory parent;
  const auto directory = parent.path() / "d";
  for (const bool is_made_anew : {false, true}) {
    std::filesystem::create_directory(directory);
    auto first = std::make_unique<DirectoryLock>(directory);
    std::jthread remover([&, waiting = ::gettid()] {
      test::wait_until_retrying(waiting);
      std::filesystem::remove(directory);
      if (is_made_anew) {
        std::filesystem::create_directory(parent.path() /
                                          "other");  // takes the inode number of the first
        std::filesystem::create_directory(directory);
      }
      first.reset();
    });
    expect_error(ErrorCode::kNotFound, "removed by another process",
                 [&] { const DirectoryLock second(directory, std::chrono::seconds(30)); });
  }
}

TEST(DirectoryLock, WaitsForTheHolder) {
  const test::TemporaryDirectory directory;
  std::thread holder;
  {
    auto lock = std::make_unique<DirectoryLock>(directory.path());
    holder = std::thread([held = std::move(lock), waiting = ::gettid()]() mutable {
      test::wait_until_retrying(waiting);
      held.reset();
    });
  }
  const DirectoryLock second(directory.path(), std::chrono::minutes(1));
  holder.join();
}

TEST(DirectoryLock, WaitsNoLongerThanTheTimeout) {
  const test::TemporaryDirectory directory;
  const DirectoryLock lock(directory.path());
  std::stop_source stop;
  std::jthread interruption([&, waiting = ::gettid()] {
    test::wait_until_retrying(waiting);
    stop.request_stop();
  });
  expect_error(ErrorCode::kCancelled, "cancelled while waiting for process ", [&] {
    const DirectoryLock second(directory.path(), {std::chrono::hours(1), stop.get_token()});
  });
}

TEST(DirectoryLock, IsReleasedWhenTheProcessIsKilled) {
  const test::TemporaryDirectory directory;
  int ready[2];
  ASSERT_EQ(::pipe(ready), 0);
  const pid_t child = ::fork();
  if (child == 0) {
    const DirectoryLock lock(directory.path());
    char byte = 1;
    static_cast<void>(::write(ready[1], &byte, 1));
    for (;;) {
      ::pause();
    }
  }
  char byte = 0;
  ASSERT_EQ(::read(ready[0], &byte, 1), 1);
  expect_error(ErrorCode::kBusy, "process " + std::to_string(child),
               [&] { const DirectoryLock lock(directory.path()); });
  ::kill(child, SIGKILL);
  ::waitpid(child, nullptr, 0);
  const DirectoryLock lock(directory.path());
  ::close(ready[0]);
  ::close(ready[1]);
}

TEST(DirectoryLock, RequiresADirectory) {
  expect_error(ErrorCode::kNotFound, "/nowhere", [] { const DirectoryLock lock("/nowhere"); });
}

}  // namespace
}  // namespace cim
