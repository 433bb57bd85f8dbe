// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
// Images made from directories of the host; tests/mount has round trips with NTFS metadata.

#include "cimlib/create.h"

#include <fstream>
#include <vector>

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "cimlib/check.h"
#include "cimlib/diff.h"
#include "cimlib/extract.h"
#include "cimlib/image.h"
#include "cimlib/reparse.h"

#include "expect_error.h"
#include "image/sample_image.h"
#include "os/file.h"
#include "temporary_directory.h"

namespace cim {
namespace {

using test::expect_error;
using test::path;
using testing::ElementsAre;
using testing::HasSubstr;

class Create : public testing::Test {
 protected:
  Create() { std::filesystem::create_directory(from_); }

  void make_file(const std::string& name, std::string_view text) const {
    std::ofstream(from_ / name, std::ios::binary) << text;
  }
  CreateSummary create(CreateOptions options = {}) {
    options.warning = [this](const std::string& text) { warnings_.push_back(text); };
    const CreateSummary summary = create_image(image_, from_, options);
    EXPECT_TRUE(check(image_, {.depth = CheckDepth::kDeep}).findings.empty());
    return summary;
  }
  FileInfo info(std::string_view name) const {
    const Image image(image_);
    return image.info(image.find(path(name)).value());
  }
  std::string text_of(std::string_view name, std::u16string_view stream = {}) const {
    const Image image(image_);
    const FileId id = image.find(path(name)).value();
    const Stream opened = stream.empty() ? image.open(id) : image.open_stream(id, stream).value();
    return std::string(as_text(opened.read_all(1 << 24)));
  }
  ReparsePoint link(std::string_view name) const {
    return ReparsePoint::parse(Image(image_).reparse_data(info(name).id));
  }

  test::TemporaryDirectory directory_;
  std::filesystem::path from_ = directory_.path() / "from";
  std::filesystem::path image_ = directory_.path() / "image.cim";
  std::vector<std::string> warnings_;
};

TEST_F(Create, StoresFilesAndDirectoriesAtAnyDepth) {
  std::filesystem::create_directories(from_ / "a/b/c");
  make_file("a/b/c/file", "deep");
  make_file("empty", "");
  const CreateSummary summary = create();
  EXPECT_EQ(summary.directories, 4U);
  EXPECT_EQ(summary.files, 2U);
  EXPECT_EQ(summary.bytes, 4U);
  EXPECT_EQ(summary.image.files, 6U);
  EXPECT_EQ(text_of("a/b/c/file"), "deep");
  EXPECT_EQ(text_of("empty"), "");
  EXPECT_THAT(warnings_, ElementsAre());
}

TEST_F(Create, KeepsTimesAndTheReadOnlyState) {
  make_file("file", "x");
  const std::array<timespec, 2> times = {{{1'000'000'000, 100}, {1'100'000'000, 200}}};
  ASSERT_EQ(::utimensat(AT_FDCWD, (from_ / "file").c_str(), times.data(), 0), 0);
  ASSERT_EQ(::chmod((from_ / "file").c_str(), 0444), 0);
  create();
  const FileInfo file = info("file");
  EXPECT_EQ(file.times.last_access, FileTime::from_unix({1'000'000'000, 100}));
  EXPECT_EQ(file.times.last_write, FileTime::from_unix({1'100'000'000, 200}));
  EXPECT_EQ(file.attributes, attribute::kReadOnly | attribute::kArchive);
  EXPECT_EQ(info("").times.last_write.to_unix().seconds,
            std::chrono::duration_cast<std::chrono::seconds>(
                std::chrono::file_clock::to_sys(std::filesystem::last_write_time(from_))
                    .time_since_epoch())
                .count());
}

TEST_F(Create, KeepsHardLinks) {
  make_file("first", "text");
  std::filesystem::create_directory(from_ / "dir");
  std::filesystem::create_hard_link(from_ / "first", from_ / "dir/second");
  const CreateSummary summary = create();
  EXPECT_EQ(summary.hard_links, 1U);
  EXPECT_EQ(info("first").id, info("dir/second").id);
}

TEST_F(Create, ConvertsSymbolicLinks) {
  std::filesystem::create_directories(from_ / "dir/sub");
  make_file("file", "x");
  std::filesystem::create_symlink("../file", from_ / "dir/to file");
  std::filesystem::create_symlink("../dir/sub", from_ / "dir/to sub");
  std::filesystem::create_symlink("/dir", from_ / "to dir");
  std::filesystem::create_symlink("/nowhere", from_ / "to nothing");
  std::filesystem::create_symlink("../../../../../../../..", from_ / "to root");
  EXPECT_EQ(create().links, 5U);
  EXPECT_EQ(link("dir/to file").target(), u"..\\file");
  EXPECT_TRUE(link("dir/to file").is_relative);
  EXPECT_FALSE(info("dir/to file").is_directory());
  EXPECT_TRUE(info("dir/to sub").is_directory());
  EXPECT_EQ(link("to dir").substitute_name, u"\\dir");
  EXPECT_TRUE(info("to dir").is_directory());
  EXPECT_FALSE(info("to nothing").is_directory());
  EXPECT_TRUE(info("to root").is_directory());
}

TEST_F(Create, StoresNothingForAHole) {
  std::ofstream(from_ / "hole") << "";
  std::filesystem::resize_file(from_ / "hole", std::uintmax_t{1} << 40);
  make_file("tail", "head");
  std::filesystem::resize_file(from_ / "tail", 1U << 20);
  const CreateSummary summary = create();
  EXPECT_LT(summary.image.stored_bytes, 2U << 20);
  EXPECT_EQ(info("hole").storage, Storage::kSparse);
  EXPECT_EQ(info("hole").size, std::uint64_t{1} << 40);
  EXPECT_EQ(text_of("tail"), std::string("head") + std::string((1U << 20) - 4, '\0'));
}

TEST_F(Create, ReadsHolesInTheMiddleAsZeros) {
  const std::string page(65536, 'x');
  std::fstream file(from_ / "file", std::ios::binary | std::ios::out);
  file << page;
  file.seekp(1 << 20);
  file << page;
  file.close();
  create();
  EXPECT_EQ(text_of("file"), page + std::string((1 << 20) - 65536, '\0') + page);
  EXPECT_NE(info("file").attributes & attribute::kSparseFile, 0U);
}

TEST_F(Create, KeepsHoles) {
  constexpr std::uint64_t kSize = std::uint64_t{300} << 20;
  std::ofstream file(from_ / "file", std::ios::binary);
  file << "head";
  file.seekp(kSize - 1);
  file << 'x';
  file.close();
  struct stat status {};
  ASSERT_EQ(::stat((from_ / "file").c_str(), &status), 0);
  if (status.st_blocks * 512 > 1 << 20) {
    GTEST_SKIP() << "the file system has no holes";
  }
  create();
  std::uint64_t used = 0;
  for (const auto& entry : std::filesystem::directory_iterator(directory_.path())) {
    ASSERT_EQ(::stat(entry.path().c_str(), &status), 0);
    used += static_cast<std::uint64_t>(status.st_blocks) * 512;
  }
  EXPECT_LT(used, 1U << 20);
  const Image image(image_);
  const Stream stream = image.open(image.find(path("file")).value());
  Bytes end(2);
  stream.read(kSize - 2, end);
  EXPECT_EQ(as_text(end), std::string("\0x", 2));
}

TEST_F(Create, ReadsStreamsFromFilesBesideTheirFile) {
  make_file("file", "x");
  make_file("file:stream", "of the file");
  std::filesystem::create_directory(from_ / "dir");
  make_file("dir:stream", "of the directory");
  EXPECT_EQ(create().streams, 2U);
  EXPECT_EQ(text_of("file", u"stream"), "of the file");
  EXPECT_EQ(text_of("dir", u"stream"), "of the directory");
}

TEST_F(Create, ReadsStreamsFromExtendedAttributes) {
  make_file("file", "x");
  if (::setxattr((from_ / "file").c_str(), "user.stream", "value", 5, 0) != 0) {
    GTEST_SKIP() << "the file system has no extended attributes of users";
  }
  EXPECT_EQ(create().streams, 1U);
  EXPECT_EQ(text_of("file", u"stream"), "value");
}

TEST_F(Create, KeepsTheFirstOfStreamsWithEqualNames) {
  make_file("file", "x");
  make_file("file:S", "of the first file");
  make_file("file:s", "of the second");
  make_file("other", "x");
  make_file("other:attribute", "of a file");
  const auto set = [&](const char* name, const std::string& value) {
    return ::setxattr((from_ / "other").c_str(), name, value.data(), value.size(), 0) == 0;
  };
  if (!set("user.attribute", "lower") || !set("user.ATTRIBUTE", "upper")) {
    GTEST_SKIP() << "the file system has no extended attributes of users";
  }
  const CreateSummary summary = create();  // and nothing in the image is unused
  EXPECT_EQ(summary.streams, 2U);
  EXPECT_EQ(summary.skipped, 3U);
  EXPECT_EQ(text_of("file", u"s"), "of the first file");
  EXPECT_EQ(text_of("other", u"attribute"), "upper");
  EXPECT_THAT(warnings_, ElementsAre(HasSubstr("file:s: skipped: another stream has the same name"),
                                     HasSubstr("other:attribute: skipped: another stream has"),
                                     HasSubstr("other:attribute: skipped: another stream has")));
}

TEST_F(Create, WarnsOfExtendedAttributesThatAnImageCannotStore) {
  make_file("a", "x");
  make_file("b", "x");
  for (const char* const name : {"a", "b"}) {
    if (::setxattr((from_ / name).c_str(), "trusted.cimlib", "x", 1, 0) != 0) {
      GTEST_SKIP() << "only root has such attributes";
    }
  }
  const CreateSummary summary = create();
  EXPECT_EQ(summary.skipped, 0U);
  EXPECT_EQ(summary.foreign_attributes.at("trusted.cimlib"), 2U);
  EXPECT_THAT(
      warnings_,
      testing::Contains(HasSubstr("2 of its entries have the extended attribute trusted.cimlib")));
}

TEST_F(Create, RefusesCircularLinksWithAMessage) {
  std::filesystem::create_symlink("loop", directory_.path() / "loop");
  expect_error(ErrorCode::kInvalidArgument, "symbolic links",
               [&] { create_image(directory_.path() / "loop/x/a.cim", from_); });
}

TEST_F(Create, SkipsWhatAnImageCannotStore) {
  make_file("README", "first");
  make_file("readme", "second");
  make_file("no file:stream", "x");
  make_file("back\\slash", "x");
  make_file("\xFF", "x");
  ASSERT_EQ(::mkfifo((from_ / "pipe").c_str(), 0600), 0);
  const CreateSummary summary = create();
  EXPECT_EQ(summary.skipped, 5U);
  EXPECT_EQ(summary.files, 1U);
  EXPECT_EQ(text_of("readme"), "first");
  EXPECT_THAT(
      warnings_,
      ElementsAre(HasSubstr("back\\slash: skipped: "), HasSubstr("no file:stream: skipped: "),
                  HasSubstr("pipe: skipped: neither a file nor a directory nor a symbolic link"),
                  HasSubstr("readme: skipped: another entry has the same name"),
                  HasSubstr("the name is not valid UTF-8")));
}

TEST_F(Create, IsUndoneByExtracting) {
  std::filesystem::create_directories(from_ / "dir");
  make_file("dir/file", "text");
  make_file("dir/file:stream", "stream");
  make_file("large", as_text(test::pattern(100000)));
  std::filesystem::create_hard_link(from_ / "large", from_ / "dir/again");
  std::filesystem::create_symlink("dir/file", from_ / "link");
  CreateOptions options;
  options.writer.reproducible = true;
  create(options);
  const auto out = directory_.path() / "out";
  extract(Image(image_), {}, out);
  const auto second = directory_.path() / "second.cim";
  create_image(second, out, options);
  diff(image_, second, {}, [](const Difference& difference) {
    ADD_FAILURE() << difference.path.to_string() << " differs in " << difference.fields;
    return true;
  });
}

TEST_F(Create, IsReproducibleOnRequest) {
  make_file("file", "text");
  std::filesystem::create_symlink("file", from_ / "link");
  CreateOptions options;
  options.writer.reproducible = true;
  create(options);
  std::filesystem::create_directory(directory_.path() / "again");
  const auto again = directory_.path() / "again" / "image.cim";
  create_image(again, from_, options);
  EXPECT_EQ(read_whole_file(image_, 1000), read_whole_file(again, 1000));
}

TEST_F(Create, RefusesAnImageInsideItsOwnDirectory) {
  std::filesystem::create_directory(from_ / "images");
  for (const char* const place : {"x.cim", "images/x.cim", "../from/x.cim"}) {
    expect_error(ErrorCode::kInvalidArgument, "cannot be inside the directory",
                 [&] { create_image(from_ / place, from_); });
  }
}

TEST_F(Create, LeavesNothingAfterAFailure) {
  make_file("file", "text");
  std::stop_source stop;
  stop.request_stop();
  expect_error(ErrorCode::kCancelled, "cancelled",
               [&] { create_image(image_, from_, {.stop = stop.get_token()}); });
  EXPECT_FALSE(std::filesystem::exists(image_));
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(directory_.path()), {}), 1);
  expect_error(ErrorCode::kNotFound, "nowhere", [&] { create_image(image_, "/nowhere"); });
}

TEST_F(Create, ReadsTreesDeeperThanTheMaximumPath) {
  constexpr int kDepth = 1000;
  const std::string name(20, 'd');
  std::vector<int> levels = {::open(from_.c_str(), O_RDONLY | O_DIRECTORY)};
  for (int i = 0; i < kDepth; ++i) {
    ASSERT_EQ(::mkdirat(levels.back(), name.c_str(), 0755), 0);
    const int next = ::openat(levels.back(), name.c_str(), O_RDONLY | O_DIRECTORY);
    ::close(levels.back());
    levels.back() = next;
  }
  ::close(levels.back());
  EXPECT_EQ(create().directories, 1001U);
}

}  // namespace
}  // namespace cim
