// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
// The bytes of an image mounted through FUSE, also when its files are damaged or removed.
#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <filesystem>
#include <fstream>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include <fcntl.h>
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <sys/statvfs.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "cimlib/image.h"

#include "mount/mounted_image.h"

namespace cim::mount {
namespace {

using test::contents;
using test::lstat_of;
using test::MountedImage;
using test::names_in;
using test::path;
using test::pattern_text;
using test::put;
using test::xattr;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

int errno_of_open(const std::filesystem::path& path, int flags) {
  const int descriptor = ::open(path.c_str(), flags | O_CLOEXEC);
  if (descriptor < 0) {
    return errno;
  }
  ::close(descriptor);
  return 0;
}

class FuseReads : public testing::Test {
 protected:
  void SetUp() override {
    if (const auto reason = test::reason_not_to_mount()) {
      GTEST_SKIP() << *reason;
    }
  }
};

TEST_F(FuseReads, ReadsAtAnyOffset) {
  const std::string text = pattern_text(3 * 1024 * 1024 + 777);
  const MountedImage mounted([&](ImageWriter& writer) {
    put(writer, "file", text);
    put(writer, "small", text.substr(0, 3000));
  });
  const int descriptor = ::open((mounted.root() / "file").c_str(), O_RDONLY | O_CLOEXEC);
  ASSERT_GE(descriptor, 0);
  std::string buffer(1 << 20, '\0');
  for (const std::size_t offset : {0UL, 1UL, 4095UL, 4097UL, 1048575UL, 2000001UL, 3146000UL}) {
    for (const std::size_t size : {1UL, 511UL, 4096UL, 131073UL, 1048576UL}) {
      const ssize_t read = ::pread(descriptor, buffer.data(), size, static_cast<off_t>(offset));
      ASSERT_EQ(read, static_cast<ssize_t>(std::min(size, text.size() - offset)));
      EXPECT_EQ(std::string_view(buffer).substr(0, static_cast<std::size_t>(read)),
                std::string_view(text).substr(offset, size));
    }
  }
  EXPECT_EQ(::pread(descriptor, buffer.data(), 10, static_cast<off_t>(text.size())), 0);
  void* const map = ::mmap(nullptr, text.size(), PROT_READ, MAP_PRIVATE, descriptor, 0);
  ASSERT_NE(map, MAP_FAILED);
  EXPECT_EQ(std::string_view(static_cast<const char*>(map), text.size()), text);
  ::munmap(map, text.size());
  ::close(descriptor);
  EXPECT_EQ(contents(mounted.root() / "small"), text.substr(0, 3000));
}

TEST_F(FuseReads, ReadsAndReportsHoles) {
  const MountedImage mounted([](ImageWriter& writer) {
    writer.add(path("zeros"), {.attributes = attribute::kSparseFile}, 300000);
    put(writer, "data", "data");
  });
  EXPECT_EQ(contents(mounted.root() / "zeros"), std::string(300000, '\0'));
  const int zeros = ::open((mounted.root() / "zeros").c_str(), O_RDONLY | O_CLOEXEC);
  EXPECT_EQ(::lseek(zeros, 100, SEEK_HOLE), 100);
  EXPECT_EQ(::lseek(zeros, 100, SEEK_DATA), -1);
  EXPECT_EQ(errno, ENXIO);
  ::close(zeros);
  const int data = ::open((mounted.root() / "data").c_str(), O_RDONLY | O_CLOEXEC);
  EXPECT_EQ(::lseek(data, 1, SEEK_HOLE), 4);
  EXPECT_EQ(::lseek(data, 1, SEEK_DATA), 1);
  ::close(data);
}

TEST_F(FuseReads, IsReadOnly) {
  const MountedImage mounted([](ImageWriter& writer) { put(writer, "file", "x"); });
  EXPECT_EQ(errno_of_open(mounted.root() / "file", O_WRONLY), EROFS);
  EXPECT_EQ(errno_of_open(mounted.root() / "new", O_WRONLY | O_CREAT), EROFS);
  EXPECT_EQ(::unlink((mounted.root() / "file").c_str()), -1);
  EXPECT_EQ(errno, EROFS);
  EXPECT_EQ(::setxattr((mounted.root() / "file").c_str(), "user.a", "b", 1, 0), -1);
  EXPECT_EQ(errno, EROFS);
}

TEST_F(FuseReads, ReportsSizeAndFileCountOfTheImage) {
  const MountedImage mounted([](ImageWriter& writer) { put(writer, "f", pattern_text(1 << 20)); });
  struct statvfs statistics {};
  ASSERT_EQ(::statvfs(mounted.root().c_str(), &statistics), 0);
  EXPECT_GE(statistics.f_blocks * statistics.f_frsize, 1U << 20);
  EXPECT_EQ(statistics.f_bfree, 0U);
  EXPECT_EQ(statistics.f_files, 2U);
  EXPECT_NE(statistics.f_flag & ST_RDONLY, 0U);
}

TEST_F(FuseReads, FailsReadsOfDamagedFilesAndWarnsOnce) {
  const MountedImage mounted([](ImageWriter& writer) {
    put(writer, "whole", "whole");
    put(writer, "large", pattern_text(1 << 20));
  });
  for (const auto& entry : std::filesystem::directory_iterator(mounted.directory())) {
    if (entry.is_regular_file() && entry.file_size() >= 1 << 20) {
      std::filesystem::resize_file(entry.path(), 8192);
    }
  }
  const int descriptor = ::open((mounted.root() / "large").c_str(), O_RDONLY | O_CLOEXEC);
  ASSERT_GE(descriptor, 0);
  std::array<char, 4096> buffer{};
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(::pread(descriptor, buffer.data(), buffer.size(), 500000), -1);
    EXPECT_EQ(errno, EIO);
  }
  ::close(descriptor);
  EXPECT_EQ(contents(mounted.root() / "whole"), "whole");
  const auto warnings = mounted.warnings();
  ASSERT_FALSE(warnings.empty());
  EXPECT_THAT(warnings.front(), HasSubstr("region_"));
  EXPECT_EQ(std::set(warnings.begin(), warnings.end()).size(), warnings.size());
}

/// Returns the region file with the page-aligned data.
std::filesystem::path large_region(const MountedImage& mounted) {
  for (const auto& entry : std::filesystem::directory_iterator(mounted.directory())) {
    if (entry.is_regular_file() && entry.file_size() >= 1 << 20) {
      return entry.path();
    }
  }
  return {};
}

TEST_F(FuseReads, FailsReadsOfOverwrittenRegions) {
  const MountedImage mounted([](ImageWriter& writer) {
    put(writer, "whole", "whole");
    put(writer, "large", pattern_text(1 << 20));
  });
  {
    std::fstream region(large_region(mounted), std::ios::binary | std::ios::in | std::ios::out);
    region.seekp(500000);
    region << "overwritten";
  }
  const int descriptor = ::open((mounted.root() / "large").c_str(), O_RDONLY | O_CLOEXEC);
  ASSERT_GE(descriptor, 0);
  std::array<char, 4096> buffer{};
  EXPECT_EQ(::pread(descriptor, buffer.data(), buffer.size(), 495616), -1);
  EXPECT_EQ(errno, EIO);
  ::close(descriptor);
  EXPECT_EQ(contents(mounted.root() / "whole"), "whole");
  EXPECT_THAT(mounted.warnings(), ElementsAre(HasSubstr("changed while the image was mounted")));
}

TEST_F(FuseReads, SurvivesTheRemovalOfTheImageFiles) {
  const MountedImage mounted(
      [](ImageWriter& writer) { put(writer, "large", pattern_text(1 << 20)); });
  for (const auto& entry : std::filesystem::directory_iterator(mounted.directory())) {
    if (entry.path() != mounted.root()) {
      std::filesystem::remove(entry.path());
    }
  }
  EXPECT_EQ(contents(mounted.root() / "large"), pattern_text(1 << 20));
  EXPECT_THAT(mounted.warnings(), IsEmpty());
}

TEST_F(FuseReads, ServesManyThreadsConcurrently) {
  constexpr unsigned kFiles = 40;
  constexpr unsigned kThreads = 8;
  const MountedImage mounted([](ImageWriter& writer) {
    for (unsigned i = 0; i < kFiles; ++i) {
      writer.add(path(fmt::format("d{}", i)), {.attributes = attribute::kDirectory});
      put(writer, fmt::format("d{}/file", i), pattern_text(70000 + i, i));
      writer.add_link(path(fmt::format("d{}/link", i)), path(fmt::format("d{}/file", i)));
    }
  });
  std::atomic<unsigned> wrong = 0;
  {
    std::vector<std::jthread> threads;
    for (unsigned t = 0; t < kThreads; ++t) {
      threads.emplace_back([&, t] {
        for (unsigned round = 0; round < kFiles; ++round) {
          const unsigned i = (round * 7 + t * 5) % kFiles;
          const auto directory = mounted.root() / fmt::format("{}{}", t % 2 == 0 ? 'd' : 'D', i);
          const bool right = names_in(directory) == std::vector<std::string>{"file", "link"} &&
                             contents(directory / "file") == pattern_text(70000 + i, i) &&
                             lstat_of(directory / "LINK").st_nlink == 2 &&
                             xattr(directory / "file", "system.ntfs_acl").has_value();
          wrong += right ? 0 : 1;
        }
      });
    }
  }
  EXPECT_EQ(wrong, 0U);
  EXPECT_THAT(mounted.warnings(), IsEmpty());
}

}  // namespace
}  // namespace cim::mount
