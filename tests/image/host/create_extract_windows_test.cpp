// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
// Tests of what Wine has: files, directories, names, hard links, times and attributes.
// ntfs_metadata_windows_test.cpp has the rest.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "expect_error.h"
#include "image/host/windows_fixture.h"
#include "os/nt_file_windows.h"

namespace cim {
namespace {

namespace fs = std::filesystem;
using test::basic_info;
using test::content;
using test::expect_error;
using test::names_in;
using test::path;
using test::put;
using testing::ElementsAre;
using testing::HasSubstr;

using WindowsHost = test::WindowsHost;

TEST_F(WindowsHost, KeepsFilesDirectoriesAndHardLinks) {
  fs::create_directories(from_ / "dir/sub");
  make_file("dir/file", "text");
  make_file("empty", "");
  fs::create_hard_link(from_ / "dir/file", from_ / "second");
  const CreateSummary created = create();
  EXPECT_EQ(created.directories, 3U);
  EXPECT_EQ(created.files, 2U);
  EXPECT_EQ(created.hard_links, 1U);
  EXPECT_EQ(info("second").id, info("dir/file").id);
  const ExtractSummary extracted = run();
  EXPECT_EQ(extracted.directories, 2U);
  EXPECT_EQ(extracted.hard_links, 1U);
  EXPECT_EQ(extracted.skipped, 0U);
  EXPECT_EQ(content(out_ / "dir/file"), "text");
  EXPECT_TRUE(fs::equivalent(out_ / "dir/file", out_ / "second"));
  EXPECT_THAT(names_in(out_), ElementsAre("dir", "empty", "second"));
  EXPECT_THAT(warnings_, ElementsAre());
}

TEST_F(WindowsHost, LinksFilesOfAllDirectories) {
  write_image([](ImageWriter& writer) {
    for (const char* const name : {"dir", "dir/a", "dir/a/deep", "dir/b"}) {
      writer.add(path(name), test::directory_metadata());
    }
    put(writer, "dir/a/deep/first", as_bytes("x"));
    put(writer, "0", as_bytes("y"));
    for (const char* const name : {"dir/a/second", "dir/b/third", "fourth"}) {
      writer.add_link(path(name), path("dir/a/deep/first"));
    }
    writer.add_link(path("dir/b/zero"), path("0"));
  });
  EXPECT_EQ(run().hard_links, 4U);
  EXPECT_TRUE(fs::equivalent(out_ / "fourth", out_ / "dir/b/third"));
  EXPECT_TRUE(fs::equivalent(out_ / "fourth", out_ / "dir/a/second"));
  EXPECT_TRUE(fs::equivalent(out_ / "0", out_ / "dir/b/zero"));
}

TEST_F(WindowsHost, KeepsNamesThatWin32WouldChange) {
  write_image([](ImageWriter& writer) {
    for (const char* const name : {"CON", "dot.", "space ", "NUL.txt", "\xE6\x9D\xB1"}) {
      put(writer, name, as_bytes(name));
    }
  });
  EXPECT_EQ(run().skipped, 0U);
  EXPECT_THAT(names_in(out_), ElementsAre("CON", "NUL.txt", "dot.", "space ", "\xE6\x9D\xB1"));
  EXPECT_EQ(create_image(directory_.path() / "again.cim", out_).files, 5U);
  for (const char* const name : {"CON", "dot.", "space ", "NUL.txt"}) {
    ::DeleteFileW((L"\\\\?\\" + out_.wstring() + L"\\" + wide(name)).c_str());  // Win32 cannot
  }
}

TEST_F(WindowsHost, AcceptsPathsLongerThanTheLimitOfWin32) {
  fs::path at = from_;
  for (int i = 0; i < 12; ++i) {
    at /= std::string(100, 'd');
    ASSERT_NE(::CreateDirectoryW(native_path(at).c_str(), nullptr), 0);
  }
  const std::wstring file = at.lexically_relative(from_).wstring() + L"\\file";
  make_file(file, "deep");
  EXPECT_EQ(create().directories, 13U);
  out_ = directory_.path() / "out" / std::string(200, 'e');
  ASSERT_NE(::CreateDirectoryW(native_path(out_.parent_path()).c_str(), nullptr), 0);
  EXPECT_EQ(run().files, 1U);
  EXPECT_EQ(content(out_ / file), "deep");
  // The image itself has a long path too.
  const fs::path image = out_ / "images" / std::string(100, 'i') / "again.cim";
  for (const fs::path& above : {image.parent_path().parent_path(), image.parent_path()}) {
    ASSERT_NE(::CreateDirectoryW(native_path(above).c_str(), nullptr), 0);
  }
  EXPECT_EQ(create_image(image, from_).files, 1U);
  expect_error(ErrorCode::kInvalidArgument, "cannot be inside the directory",
               [&] { create_image(image.parent_path() / "third.cim", out_); });
}

TEST_F(WindowsHost, KeepsTimesAndAttributes) {
  const FileTimes times{.creation = *FileTime::from_unix({1500000000, 100}),
                        .last_write = *FileTime::from_unix({1600000000, 123456700}),
                        .change = {3},
                        .last_access = *FileTime::from_unix({1700000000, 0})};
  write_image([&](ImageWriter& writer) {
    writer.add(path("dir"), {.attributes = attribute::kDirectory, .times = times});
    put(writer, "dir/hidden", as_bytes("x"),
        {.attributes = attribute::kHidden | attribute::kReadOnly, .times = times});
    put(writer, "plain", as_bytes("x"), {.times = times});
  });
  run();
  for (const char* const name : {"dir", "dir/hidden", "plain"}) {
    const FILE_BASIC_INFO found = basic_info(out_ / name);
    EXPECT_EQ(static_cast<std::uint64_t>(found.LastWriteTime.QuadPart), times.last_write.ticks);
    EXPECT_EQ(static_cast<std::uint64_t>(found.LastAccessTime.QuadPart), times.last_access.ticks);
  }
  const DWORD hidden = basic_info(out_ / "dir/hidden").FileAttributes;
  EXPECT_NE(hidden & FILE_ATTRIBUTE_READONLY, 0U);
  EXPECT_EQ(basic_info(out_ / "plain").FileAttributes & FILE_ATTRIBUTE_READONLY, 0U);
  const auto again = directory_.path() / "again.cim";
  create_image(again, out_);
  const Image image(again);
  const FileInfo file = image.info(image.find(path("dir/hidden")).value());
  EXPECT_EQ(file.times.last_write, times.last_write);
  EXPECT_NE(file.attributes & attribute::kReadOnly, 0U);
}

TEST_F(WindowsHost, IsReproducibleOnRequest) {
  make_file("file", "text");
  CreateOptions options;
  options.writer.reproducible = true;
  create(options);
  const auto again = directory_.path() / "again.cim";
  create_image(again, from_, options);
  EXPECT_EQ(content(image_), content(again));
}

TEST_F(WindowsHost, ReportsWhatCannotBeOpened) {
  expect_error(ErrorCode::kNotFound, "nowhere",
               [&] { create_image(image_, directory_.path() / "nowhere"); });
  make_file("file", "text");
  expect_error(ErrorCode::kInvalidArgument, "cannot open",
               [&] { create_image(image_, from_ / "file"); });
  HANDLE const locked =
      ::CreateFileW((from_ / "file").c_str(), GENERIC_READ, 0, nullptr, OPEN_EXISTING, 0, nullptr);
  expect_error(ErrorCode::kBusy, "file", [&] { create_image(image_, from_); });
  ::CloseHandle(locked);
  EXPECT_THAT(names_in(image_.parent_path()), ElementsAre());
}

TEST_F(WindowsHost, ExtractsOnlyToAnEmptyDirectory) {
  test::write_sample_image(image_);
  fs::create_directory(out_);
  std::ofstream(out_ / "mine") << "mine";
  expect_error(ErrorCode::kExists, "is not an empty directory", [&] { run(); });
  EXPECT_THAT(names_in(out_), ElementsAre("mine"));
  fs::remove_all(out_);
  expect_error(ErrorCode::kNotFound, "does not exist", [&] { run("nothing"); });
  EXPECT_FALSE(fs::exists(out_));
  std::ofstream(out_) << "a file";
  EXPECT_THROW(run(), Error);
}

TEST_F(WindowsHost, SkipsNamesThatTheFileSystemCannotHave) {
  write_image([](ImageWriter& writer) {
    writer.add(ImagePath().child(std::u16string(u"a") + char16_t{0xD800}), {});  // on Unix
    put(writer, "short", as_bytes("x"));
  });
  EXPECT_EQ(run().skipped, 1U);
  EXPECT_THAT(warnings_, ElementsAre(HasSubstr("skipped")));
  EXPECT_THAT(names_in(out_), ElementsAre("short"));
}

TEST_F(WindowsHost, StopsOnRequest) {
  make_file("file", "text");
  std::stop_source stop;
  stop.request_stop();
  expect_error(ErrorCode::kCancelled, "cancelled",
               [&] { create_image(image_, from_, {.stop = stop.get_token()}); });
  EXPECT_THAT(names_in(image_.parent_path()), ElementsAre());
}

}  // namespace
}  // namespace cim
