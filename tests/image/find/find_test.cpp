// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "cimlib/find.h"

#include <filesystem>
#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cimlib/reparse.h"
#include "cimlib/wtf8.h"

#include "expect_error.h"
#include "image/sample_image.h"
#include "temporary_directory.h"

namespace cim {
namespace {

using test::expect_error;
using test::path;
using test::pattern;
using test::put;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

std::string hex_of(ByteView bytes) {
  std::string text;
  for (const std::byte each : bytes) {
    constexpr std::string_view kDigits = "0123456789abcdef";
    text += kDigits[std::to_integer<std::size_t>(each) >> 4U];
    text += kDigits[std::to_integer<std::size_t>(each) & 15U];
  }
  return text;
}

class Find : public testing::Test {
 protected:
  Find() { test::write_sample_image(image_path_); }

  // "Files/small.txt:big" for everything that was found.
  std::vector<std::string> find_in(const Image& image, FindOptions options) {
    std::vector<std::string> lines;
    options.failure = [this](const std::string& path, const Error& error) {
      failures_.push_back(path + ": " + std::string(to_string(error.code())));
    };
    digests_.clear();
    is_complete_ = find(image, options, [&](const FoundEntry& entry) {
      std::string line = entry.path.to_string();
      if (entry.stream != nullptr) {
        line += ":" + to_wtf8(entry.stream->name);
      }
      lines.push_back(line);
      digests_.push_back(hex_of(entry.digest));
      return true;
    });
    return lines;
  }

  std::vector<std::string> found(const FindOptions& options) {
    return find_in(Image(image_path_), options);
  }

  test::TemporaryDirectory directory_;
  std::filesystem::path image_path_ = directory_.path() / "sample.cim";
  std::vector<std::string> digests_;
  std::vector<std::string> failures_;
  bool is_complete_ = true;
};

TEST_F(Find, ListsEverythingWithoutCriteria) {
  EXPECT_THAT(found({}), SizeIs(12));
  EXPECT_TRUE(is_complete_);
}

TEST_F(Find, ComparesNamesAndPathsIgnoringCase) {
  EXPECT_THAT(found({.names = {Glob("*.BIN", "")}}),
              ElementsAre("\\Files\\again.bin", "\\Files\\page.bin", "\\Files\\zeros.bin"));
  EXPECT_THAT(found({.paths = {Glob("files/*.txt")}}),
              ElementsAre("\\Files\\link.txt", "\\Files\\small.txt"));
  EXPECT_THAT(found({.paths = {Glob("**/eas"), Glob("files")}}),
              ElementsAre("\\Files", "\\Files\\eas"));
}

TEST_F(Find, StartsWhereAsked) {
  EXPECT_THAT(found({.starts = {path("Files/empty"), path("Files/eas")}}),
              ElementsAre("\\Files\\empty", "\\Files\\eas"));
  expect_error(ErrorCode::kNotFound, "nothing", [&] { found({.starts = {path("nothing")}}); });
}

TEST_F(Find, SelectsKinds) {
  EXPECT_THAT(found({.kinds = {EntryKind::kDirectory}}),
              ElementsAre("\\", "\\Files", "\\Files\\empty"));
  EXPECT_THAT(found({.kinds = {EntryKind::kLink}}), ElementsAre("\\Files\\symlink"));
  EXPECT_THAT(found({.kinds = {EntryKind::kHardLink}}),
              ElementsAre("\\Files\\link.txt", "\\Files\\small.txt"));
  EXPECT_THAT(found({.names = {Glob("small*", "")}, .kinds = {EntryKind::kStream}}),
              ElementsAre("\\Files\\small.txt:big", "\\Files\\small.txt:Zone.Identifier"));
}

TEST_F(Find, ComparesSizesOfFilesAndStreams) {
  EXPECT_THAT(found({.kinds = {EntryKind::kFile}, .min_size = 5001}),
              ElementsAre("\\Files\\program.exe", "\\Files\\zeros.bin"));
  EXPECT_THAT(found({.names = {Glob("small*", "")}, .kinds = {EntryKind::kStream}, .max_size = 3}),
              ElementsAre("\\Files\\small.txt:Zone.Identifier"));
}

TEST_F(Find, ComparesTimesAndAttributes) {
  EXPECT_THAT(
      found({.names = {Glob("s*", "")}, .newer_than = FileTime{1}, .older_than = FileTime{3}}),
      ElementsAre("\\Files\\small.txt"));
  EXPECT_THAT(found({.with_attributes = attribute::kHidden}),
              ElementsAre("\\Files\\link.txt", "\\Files\\small.txt"));
  EXPECT_THAT(found({.names = {Glob("*.txt", "")}, .without_attributes = attribute::kHidden}),
              IsEmpty());
}

TEST_F(Find, ComparesReparseTagsStreamsAndDescriptors) {
  EXPECT_THAT(found({.is_reparse_point = true}), ElementsAre("\\Files\\symlink"));
  EXPECT_THAT(found({.reparse_tag = reparse_tag::kMountPoint}), IsEmpty());
  EXPECT_THAT(found({.has_streams = true}), ElementsAre("\\Files\\link.txt", "\\Files\\small.txt"));
  EXPECT_THAT(found({.owner = Sid::parse("S-1-5-18")}), IsEmpty());
  EXPECT_THAT(found({.names = {Glob("eas", "")}, .sddl = "NO_ACCESS_CONTROL"}),
              ElementsAre("\\Files\\eas"));
}

TEST_F(Find, FindsOwnersAndPartsOfDescriptors) {
  const auto other = directory_.path() / "other.cim";
  {
    ImageWriter writer(other, {.region_set = Guid{}, .now = FileTime{1}});
    const auto descriptor = SecurityDescriptor::from_sddl("O:SYG:SYD:(A;;FA;;;BA)").encode();
    put(writer, "system", {}, {.security_descriptor = descriptor});
    put(writer, "other", {});
    writer.commit();
  }
  const Image image(other);
  EXPECT_THAT(find_in(image, {.owner = Sid::parse("S-1-5-18")}), ElementsAre("\\system"));
  EXPECT_THAT(find_in(image, {.sddl = "(A;;FA;;;BA)"}), ElementsAre("\\system"));
}

TEST_F(Find, SearchesContents) {
  const ByteView needle = as_bytes("mall");
  EXPECT_THAT(found({.contents = {{needle.begin(), needle.end()}}}),
              ElementsAre("\\Files\\link.txt", "\\Files\\small.txt"));
  EXPECT_THAT(found({.contents = {Bytes(4096)}}), ElementsAre("\\Files\\zeros.bin"));
  expect_error(ErrorCode::kInvalidArgument, "bytes", [&] { found({.contents = {Bytes()}}); });
}

// The expected digests are those of sha256sum, sha1sum and md5sum.
TEST_F(Find, ComputesDigests) {
  const FindOptions small = {.names = {Glob("small.txt", "")}};
  FindOptions how = small;
  how.hash = HashAlgorithm::kSha256;
  found(how);
  EXPECT_THAT(digests_,
              ElementsAre("81db8ebbbbc69c6c6ad4a6aa92b76e0c08af547da236b9e2c9dbe1d8285a8130"));
  how.hash = HashAlgorithm::kSha1;
  found(how);
  EXPECT_THAT(digests_, ElementsAre("89f6229a11ac4ebaa553c1a3ea96d78fa7483735"));
  how.hash = HashAlgorithm::kMd5;
  found(how);
  EXPECT_THAT(digests_, ElementsAre("eb5c1399a871211c7e7ed732d15e3a8b"));
}

TEST_F(Find, DigestsOfDirectoriesAreEmpty) {
  found({.kinds = {EntryKind::kDirectory}, .hash = HashAlgorithm::kSha256});
  EXPECT_THAT(digests_, ElementsAre("", "", ""));
}

TEST_F(Find, ReportsWhatCannotBeReadAndFindsTheRest) {
  std::filesystem::path region;
  const Image image(image_path_);
  for (const Region& each : image.regions()) {
    if (each.type == RegionType::kPageAlignedData) {
      region = each.path;
    }
  }
  std::filesystem::remove(region);
  const auto lines =
      found({.names = {Glob("*.bin", ""), Glob("small.txt", "")}, .hash = HashAlgorithm::kMd5});
  EXPECT_FALSE(is_complete_);
  EXPECT_THAT(lines, SizeIs(4));
  EXPECT_THAT(failures_,
              ElementsAre("\\Files\\again.bin: not-found", "\\Files\\page.bin: not-found"));
  EXPECT_EQ(digests_[0], "");
  EXPECT_NE(digests_[3], "");
}

TEST_F(Find, ReadsOnlyABoundedAmountOfZeros) {
  const auto other = directory_.path() / "zeros.cim";
  {
    ImageWriter writer(other, {.region_set = Guid{}, .now = FileTime{1}});
    writer.add(path("huge"), {}, std::uint64_t{1} << 47);
    writer.commit();
  }
  const Image image(other);
  EXPECT_THAT(find_in(image, {.kinds = {EntryKind::kFile}, .hash = HashAlgorithm::kMd5}),
              SizeIs(1));
  EXPECT_THAT(failures_, ElementsAre("\\huge: limit"));
}

TEST_F(Find, EndsWhenTheCallerHasEnough) {
  int count = 0;
  find(Image(image_path_), {}, [&](const FoundEntry&) { return ++count < 2; });
  EXPECT_EQ(count, 2);
}

TEST_F(Find, CanBeCancelled) {
  std::stop_source source;
  source.request_stop();
  expect_error(ErrorCode::kCancelled, "stopped", [&] { found({.stop = source.get_token()}); });
}

}  // namespace
}  // namespace cim
