// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "os/file.h"

#include <gtest/gtest.h>

#include "expect_error.h"
#include "temporary_directory.h"

namespace cim {
namespace {

using test::expect_error;

TEST(File, ReadsBackBytesWrittenAtAnOffset) {
  const test::TemporaryDirectory directory;
  File file = File::create_new(directory.path() / "a");
  file.write_at(3, as_bytes("xyz"));
  Bytes bytes(6);
  file.read_at(0, bytes);
  EXPECT_EQ(as_text(bytes), std::string_view("\0\0\0xyz", 6));
}

TEST(File, ReportsAnEarlyEnd) {
  const test::TemporaryDirectory directory;
  File file = File::create_new(directory.path() / "a");
  file.write_at(0, as_bytes("xyz"));
  Bytes bytes(6);
  EXPECT_EQ(file.read_some_at(1, bytes), 2U);
  expect_error(ErrorCode::kCorrupt, "the file ends after 2", [&] { file.read_at(1, bytes); });
}

TEST(File, RefusesOtherThanRegularFiles) {
  const test::TemporaryDirectory directory;
  expect_error(ErrorCode::kInvalidArgument, "not a regular file",
               [&] { File::open_read(directory.path()); });
  expect_error(ErrorCode::kNotFound,
               "cannot open: ", [&] { File::open_read(directory.path() / "a"); });
}

TEST(File, CanBeClosedOnce) {
  const test::TemporaryDirectory directory;
  File file = File::create_new(directory.path() / "a");
  file.write_at(0, as_bytes("xyz"));
  file.close();
  EXPECT_LT(file.descriptor(), 0);
  EXPECT_EQ(as_text(read_whole_file(directory.path() / "a", 100)), "xyz");
}

TEST(AtomicFile, IsRemovedWithoutPublish) {
  const test::TemporaryDirectory directory;
  { AtomicFile(directory.path() / "a").file().write_at(0, as_bytes("x")); }
  EXPECT_TRUE(std::filesystem::is_empty(directory.path()));
}

TEST(AtomicFile, MayHaveANameOfMaximumLength) {
  const test::TemporaryDirectory directory;
  const auto path = directory.path() / std::string(255, 'n');
  AtomicFile file(path);
  file.publish(Publish::kReplace);
  EXPECT_TRUE(std::filesystem::is_regular_file(path));
}

TEST(AtomicFile, ReplacesOrRefusesAnExistingTarget) {
  const test::TemporaryDirectory directory;
  const auto path = directory.path() / "a";
  for (const char* const text : {"old", "new"}) {
    AtomicFile file(path);
    file.file().write_at(0, as_bytes(text));
    file.publish(Publish::kReplace);
  }
  {
    AtomicFile file(path);
    expect_error(ErrorCode::kExists, "a: cannot create",
                 [&] { file.publish(Publish::kFailIfThere); });
  }
  EXPECT_EQ(as_text(read_whole_file(path, 100)), "new");
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(directory.path()), {}), 1);
}

TEST(ReadWholeFile, EnforcesItsLimit) {
  const test::TemporaryDirectory directory;
  File::create_new(directory.path() / "a").resize(11);
  expect_error(ErrorCode::kLimit, "11 bytes; the limit is 10",
               [&] { read_whole_file(directory.path() / "a", 10); });
}

}  // namespace
}  // namespace cim
