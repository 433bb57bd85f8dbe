// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
// Properties of files that exist only on POSIX systems: names counted in bytes, where Windows
// counts UTF-16 units, and descriptor numbers.

#include <array>
#include <filesystem>
#include <string>
#include <string_view>

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "expect_error.h"
#include "os/descriptor_posix.h"
#include "os/directory_lock.h"
#include "os/file.h"
#include "temporary_directory.h"

namespace cim {
namespace {

using test::expect_error;

TEST(AtomicFile, MayHaveANameOfMaximumBytes) {
  const test::TemporaryDirectory directory;
  for (const std::string_view letter : {"\u00e4", "\u20ac", "\U0001F600"}) {
    std::string name;
    while (name.size() + letter.size() <= 255) {
      name += letter;
    }
    const auto path = directory.path() / name;
    AtomicFile file(path);
    file.publish(Publish::kReplace);
    EXPECT_TRUE(std::filesystem::is_regular_file(path));
  }
}

// Otherwise a program started without its standard descriptors would write messages into a file.
TEST(FilesOpenedWithoutStandardDescriptors, GetHigherDescriptors) {
  const test::TemporaryDirectory directory;
  std::array<int, 3> kept{};
  for (int i = 0; i < 3; ++i) {
    kept.at(static_cast<std::size_t>(i)) = ::fcntl(i, F_DUPFD_CLOEXEC, 10);
    ::close(i);
  }
  const File made = File::create_new(directory.path() / "a");
  const File opened = File::open_read(directory.path() / "a");
  const Descriptor any(::open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  const DirectoryLock lock(directory.path(), {}, LockMode::kShared);
  const int first_free = ::dup(made.descriptor());
  ::close(first_free);
  for (int i = 0; i < 3; ++i) {
    ::dup2(kept.at(static_cast<std::size_t>(i)), i);
    ::close(kept.at(static_cast<std::size_t>(i)));
  }
  EXPECT_GT(made.descriptor(), 2);
  EXPECT_GT(opened.descriptor(), 2);
  EXPECT_GT(any.get(), 2);
  EXPECT_EQ(first_free, 0);
}

TEST(AtomicFile, IsNotPublishedIfItsDirectoryCannotBeOpened) {
  const test::TemporaryDirectory directory;
  std::filesystem::create_directory(directory.path() / "d");
  AtomicFile file(directory.path() / "d/a");
  std::filesystem::rename(directory.path() / "d", directory.path() / "e");
  bool is_published = false;
  expect_error(ErrorCode::kNotFound, "d: cannot open", [&] {
    file.publish(Publish::kFailIfThere, [&is_published] { is_published = true; });
  });
  EXPECT_FALSE(is_published);
  EXPECT_FALSE(std::filesystem::exists(directory.path() / "e/a"));
}

}  // namespace
}  // namespace cim
