// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
// Mounting, unmounting, and the servers in between.
#include <algorithm>
#include <charconv>
#include <csignal>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include <fcntl.h>
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <pthread.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cimlib/error.h"
#include "cimlib/mount.h"

#include "expect_error.h"
#include "mount/base/mount_table.h"
#include "mount/mounted_image.h"
#include "temporary_directory.h"
#include "wait_until.h"

namespace cim::mount {
namespace {

using test::contents;
using test::expect_error;
using test::MountedImage;
using test::put;
using test::wait_until;
using testing::IsEmpty;
using testing::SizeIs;

/// Returns the processes that have a file in the directory open.
std::vector<pid_t> users_of(const std::filesystem::path& directory) {
  std::vector<pid_t> users;
  std::error_code error;
  for (const auto& process : std::filesystem::directory_iterator("/proc")) {
    const std::string name = process.path().filename().string();
    pid_t number = 0;
    std::from_chars(name.data(), name.data() + name.size(), number);
    if (number == 0) {
      continue;
    }
    for (const auto& file : std::filesystem::directory_iterator(process.path() / "fd", error)) {
      const auto target = std::filesystem::read_symlink(file.path(), error).string();
      if (target.starts_with(directory.string() + "/")) {
        users.push_back(number);
        break;
      }
    }
  }
  return users;
}

class MountLifecycle : public testing::Test {
 protected:
  void SetUp() override {
    if (const auto reason = test::reason_not_to_mount()) {
      GTEST_SKIP() << *reason;
    }
    std::filesystem::create_directory(mount_point());
    std::filesystem::create_directory(store());
    ImageWriter writer(image());
    put(writer, "file", "contents");
    writer.commit();
  }

  void TearDown() override {
    if (find_mount(mount_point())) {
      unmount(mount_point(), UnmountMode::kLazily);
    }
  }

  std::filesystem::path directory() const { return std::filesystem::canonical(directory_.path()); }
  std::filesystem::path store() const { return directory() / "store"; }
  std::filesystem::path image() const { return store() / "image, with comma.cim"; }
  std::filesystem::path mount_point() const { return directory() / "mount point"; }

 private:
  test::TemporaryDirectory directory_;
};

TEST_F(MountLifecycle, ServesInABackgroundProcessThatExitsAfterUnmount) {
  mount_in_background(image(), mount_point());
  EXPECT_EQ(contents(mount_point() / "file"), "contents");
  const auto mount = find_mount(mount_point());
  ASSERT_TRUE(mount);
  EXPECT_EQ(mount->type, "fuse.cim");
  EXPECT_EQ(mount->source, image());
  EXPECT_THAT(users_of(store()), SizeIs(1));
  EXPECT_NE(users_of(store()), std::vector{::getpid()});
  unmount(mount_point());
  EXPECT_FALSE(find_mount(mount_point()));
  EXPECT_TRUE(wait_until([&] { return users_of(store()).empty(); }));
}

TEST_F(MountLifecycle, ServesInTheForegroundUntilUnmounted) {
  MountedImage mounted([](ImageWriter& writer) { put(writer, "a", "b"); });
  EXPECT_EQ(contents(mounted.root() / "a"), "b");
  unmount(mounted.root());
  mounted.join();
  EXPECT_FALSE(find_mount(mounted.root()));
}

TEST_F(MountLifecycle, ServesInTheForegroundUntilStopIsRequested) {
  MountedImage mounted([](ImageWriter& writer) { put(writer, "a", "b"); });
  const int descriptor = ::open((mounted.root() / "a").c_str(), O_RDONLY | O_CLOEXEC);
  mounted.stop();
  mounted.join();
  EXPECT_FALSE(find_mount(mounted.root()));
  char byte = 0;
  EXPECT_EQ(::read(descriptor, &byte, 1), -1);
  EXPECT_EQ(errno, ENOTCONN);
  ::close(descriptor);
}

TEST_F(MountLifecycle, UnmountsOnSigterm) {
  mount_in_background(image(), mount_point());
  const auto users = users_of(store());
  ASSERT_THAT(users, SizeIs(1));
  ASSERT_EQ(::kill(users.front(), SIGTERM), 0);
  EXPECT_TRUE(wait_until([&] { return !find_mount(mount_point()); }));
  EXPECT_TRUE(wait_until([&] { return users_of(store()).empty(); }));
}

TEST_F(MountLifecycle, UnmountsOnlyLazilyWhileInUse) {
  mount_in_background(image(), mount_point());
  const int descriptor = ::open((mount_point() / "file").c_str(), O_RDONLY | O_CLOEXEC);
  ASSERT_GE(descriptor, 0);
  expect_error(ErrorCode::kBusy, "in use", [&] { unmount(mount_point()); });
  EXPECT_TRUE(find_mount(mount_point()));
  unmount(mount_point(), UnmountMode::kLazily);
  EXPECT_FALSE(find_mount(mount_point()));
  std::string text(8, '\0');
  EXPECT_EQ(::read(descriptor, text.data(), text.size()), 8);
  EXPECT_EQ(text, "contents");
  ::close(descriptor);
  EXPECT_TRUE(wait_until([&] { return users_of(store()).empty(); }));
}

TEST_F(MountLifecycle, UnmountsAMountWhoseServerHasDied) {
  mount_in_background(image(), mount_point());
  const auto users = users_of(store());
  ASSERT_THAT(users, SizeIs(1));
  ASSERT_EQ(::kill(users.front(), SIGKILL), 0);
  ASSERT_TRUE(wait_until([&] { return users_of(store()).empty(); }));
  expect_error(ErrorCode::kBusy, "dead server",
               [&] { mount_in_background(image(), mount_point()); });
  unmount(mount_point());
  mount_in_background(image(), mount_point());
  EXPECT_EQ(contents(mount_point() / "file"), "contents");
  unmount(mount_point());
}

// An ending server must not unmount what was mounted at the same place after it.
TEST_F(MountLifecycle, AnEndingServerKeepsALaterMount) {
  for (int round = 0; round < 20; ++round) {
    mount_in_background(image(), mount_point());
    EXPECT_EQ(contents(mount_point() / "file"), "contents");
    unmount(mount_point());
  }
  mount_in_background(image(), mount_point());
  EXPECT_TRUE(wait_until([&] { return users_of(store()).size() == 1; }));
  EXPECT_TRUE(find_mount(mount_point()));
}

/// Returns the mounts of the image.
std::vector<ActiveMount> listed(const std::filesystem::path& image) {
  auto mounts = list();
  std::erase_if(mounts, [&](const ActiveMount& mount) { return mount.image != image; });
  return mounts;
}

TEST_F(MountLifecycle, IsListedWithTheStateOfItsServer) {
  EXPECT_THAT(listed(image()), IsEmpty());
  mount_in_background(image(), mount_point());
  auto mounts = listed(image());
  ASSERT_THAT(mounts, SizeIs(1));
  EXPECT_EQ(mounts[0].mount_point, mount_point());
  EXPECT_EQ(mounts[0].server, ServerState::kRunning);
  EXPECT_EQ(mounts[0].backend, Backend::kFuse);
  EXPECT_FALSE(mounts[0].volume);
  EXPECT_FALSE(mounts[0].upper);
  ASSERT_EQ(::kill(users_of(store()).at(0), SIGSTOP), 0);
  // A thread of the server on another processor may respond until the signal reaches it.
  EXPECT_TRUE(
      wait_until([&] { return listed(image()).at(0).server == ServerState::kUnresponsive; }));
  ASSERT_EQ(::kill(users_of(store()).at(0), SIGKILL), 0);
  ASSERT_TRUE(wait_until([&] { return users_of(store()).empty(); }));
  EXPECT_EQ(listed(image()).at(0).server, ServerState::kDead);
  unmount(mount_point());
  EXPECT_THAT(listed(image()), IsEmpty());
}

TEST_F(MountLifecycle, UnmountsAMountInUseWhoseServerHasDied) {
  mount_in_background(image(), mount_point());
  const int descriptor = ::open((mount_point() / "file").c_str(), O_RDONLY | O_CLOEXEC);
  ASSERT_EQ(::kill(users_of(store()).at(0), SIGKILL), 0);
  ASSERT_TRUE(wait_until([&] { return listed(image()).at(0).server == ServerState::kDead; }));
  unmount(mount_point());
  EXPECT_FALSE(find_mount(mount_point()));
  ::close(descriptor);
}

TEST_F(MountLifecycle, UnmountWaitsForTheEndOfABriefUse) {
  mount_in_background(image(), mount_point());
  const int descriptor = ::open((mount_point() / "file").c_str(), O_RDONLY | O_CLOEXEC);
  ASSERT_GE(descriptor, 0);
  std::jthread other([descriptor, unmounting = ::gettid()] {
    test::wait_until_retrying(unmounting);
    ::close(descriptor);
  });
  unmount(mount_point());
  EXPECT_FALSE(find_mount(mount_point()));
}

TEST_F(MountLifecycle, TheServerOfAHiddenMountIsUnknown) {
  mount_in_background(image(), mount_point());
  mount_in_background(image(), mount_point());
  const auto mounts = listed(image());
  ASSERT_THAT(mounts, SizeIs(2));
  EXPECT_EQ(mounts[0].server, ServerState::kUnknown);
  EXPECT_EQ(mounts[1].server, ServerState::kRunning);
  unmount(mount_point());
}

TEST_F(MountLifecycle, ReportsWhyAMountFails) {
  expect_error(ErrorCode::kNotFound, "none.cim",
               [&] { mount_in_background(store() / "none.cim", mount_point()); });
  expect_error(ErrorCode::kNotFound, "nowhere",
               [&] { mount_in_background(image(), directory() / "nowhere"); });
  expect_error(ErrorCode::kInvalidArgument, "not a directory",
               [&] { mount_in_background(image(), image()); });
  std::ofstream(store() / "bad.cim") << "this is not an image";
  expect_error(ErrorCode::kCorrupt, "bad.cim",
               [&] { mount_in_background(store() / "bad.cim", mount_point()); });
  EXPECT_FALSE(find_mount(mount_point()));
  EXPECT_THAT(users_of(store()), IsEmpty());
}

TEST_F(MountLifecycle, UnmountsImagesOnly) {
  expect_error(ErrorCode::kNotFound, "no image is mounted", [&] { unmount(mount_point()); });
  expect_error(ErrorCode::kNotFound, "no image is mounted", [] { unmount("/proc"); });
  expect_error(ErrorCode::kNotFound, "none", [&] { unmount(directory() / "none/at/all"); });
}

TEST_F(MountLifecycle, UnmountsStackedMountsOneByOne) {
  mount_in_background(image(), mount_point());
  mount_in_background(image(), mount_point());
  unmount(mount_point());
  EXPECT_EQ(contents(mount_point() / "file"), "contents");
  unmount(mount_point());
  EXPECT_FALSE(std::filesystem::exists(mount_point() / "file"));
}

TEST_F(MountLifecycle, TheServerKeepsNoDescriptorsOfItsCaller) {
  std::array<int, 2> ends{};
  ASSERT_EQ(::pipe(ends.data()), 0);  // inheritable, as a shell's pipes are
  mount_in_background(image(), mount_point());
  ::close(ends[1]);
  char byte = 0;
  EXPECT_EQ(::read(ends[0], &byte, 1), 0) << "the server has the other end open";
  ::close(ends[0]);
  unmount(mount_point());
}

/// While it exists, no thread can be started: no stack of that size fits in memory.
class NoThreads {
 public:
  NoThreads() {
    pthread_attr_t huge;
    ::pthread_getattr_default_np(&before_);
    ::pthread_attr_init(&huge);
    ::pthread_attr_setstacksize(&huge, std::size_t{1} << 46);
    ::pthread_setattr_default_np(&huge);
    ::pthread_attr_destroy(&huge);
  }
  NoThreads(const NoThreads&) = delete;
  NoThreads& operator=(const NoThreads&) = delete;
  ~NoThreads() {
    ::pthread_setattr_default_np(&before_);
    ::pthread_attr_destroy(&before_);
  }

 private:
  pthread_attr_t before_{};
};

TEST_F(MountLifecycle, FailsIfNoThreadCanBeStarted) {
  const NoThreads none;
  try {
    mount_in_background(image(), mount_point());
    ADD_FAILURE() << "mounted without a thread";
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), testing::HasSubstr("create a thread"));
  }
  EXPECT_THROW(serve_foreground(image(), mount_point(), {}, {}, {}), Error);
  EXPECT_FALSE(find_mount(mount_point()));
}

TEST_F(MountLifecycle, ServesForACallerWithoutStandardStreams) {
  const pid_t caller = ::fork();
  ASSERT_GE(caller, 0);
  if (caller == 0) {
    for (const int stream : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
      ::close(stream);
    }
    try {
      mount_in_background(image(), mount_point());
      ::_exit(EXIT_SUCCESS);
    } catch (const Error&) {
      ::_exit(EXIT_FAILURE);
    }
  }
  int status = 0;
  ASSERT_EQ(::waitpid(caller, &status, 0), caller);
  EXPECT_EQ(status, 0);
  EXPECT_EQ(contents(mount_point() / "file"), "contents");
  unmount(mount_point());
}

}  // namespace
}  // namespace cim::mount
