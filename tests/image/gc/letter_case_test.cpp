// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
// Sets of files whose names have another case than those that writers choose, as some tools leave
// them that copy from Windows: nothing that an image needs is removed or left behind.

#include <algorithm>
#include <cctype>
#include <set>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cimlib/check.h"
#include "cimlib/diff.h"
#include "cimlib/gc.h"
#include "cimlib/image_transfer.h"

#include "base/upcase.h"
#include "image/read/region_files.h"
#include "image/read/store_listing.h"
#include "image/sample_image.h"
#include "temporary_directory.h"

namespace cim {
namespace {

using test::path;
using test::put;
using testing::IsEmpty;

const Guid kSpelledBase = *Guid::parse("abcdef11-0000-4000-8000-00000000000a");
const Guid kSpelledFork = *Guid::parse("abcdef22-0000-4000-8000-00000000000b");

class OtherCase : public testing::Test {
 protected:
  OtherCase() {
    std::filesystem::create_directory(at("there"));
    ImageWriter base(at("base.cim"), {.region_set = kSpelledBase});
    put(base, "file", as_bytes("contents of the base"));
    base.commit();
    ImageWriter fork(at("fork.cim"), {.base = at("base.cim"), .region_set = kSpelledFork});
    put(fork, "other", as_bytes("contents of the fork"));
    fork.commit();
    spell_in_upper_case(directory_.path());
  }

  // Renames "region_abcdef11-…_0" to "REGION_ABCDEF11-…_0".
  static void spell_in_upper_case(const std::filesystem::path& directory) {
    for (const auto& entry : entries_of(directory)) {
      std::string name = entry.path().filename().string();
      if (parse_part_name(name)) {
        std::ranges::transform(name, name.begin(), [](unsigned char c) { return std::toupper(c); });
        std::filesystem::rename(entry.path(), directory / name);
      }
    }
  }

  std::filesystem::path at(const std::string& name) const { return directory_.path() / name; }

  // Returns how many files of a region set a directory has.
  static std::size_t parts(const std::filesystem::path& directory, const Guid& set) {
    return static_cast<std::size_t>(std::ranges::count_if(entries_of(directory), [&](auto& entry) {
      const auto part = parse_part_name_ignoring_case(entry.path().filename().string());
      return part && part->region_set == set;
    }));
  }

  static void expect_whole(const std::filesystem::path& image) {
    EXPECT_TRUE(check(image, {.depth = CheckDepth::kDeep}).is_clean()) << image;
  }
  void expect_same(const std::filesystem::path& a, const std::filesystem::path& b) const {
    EXPECT_TRUE(diff(a, b, {}, [](const Difference&) { return true; }).is_same());
  }

  test::TemporaryDirectory directory_;
};

TEST_F(OtherCase, IsFoundByListingsThatImagesShare) {
  const auto listings = new_directory_listings();
  for (const char* const name : {"base.cim", "fork.cim"}) {
    const Image image(at(name), OpenOptions{.listings = listings});
    EXPECT_TRUE(std::ranges::all_of(image.regions(), &Region::is_usable)) << name;
    const auto files = image_files(at(name), {}, listings);
    EXPECT_TRUE(std::ranges::all_of(files, [](const auto& file) { return file.size.has_value(); }))
        << name;
    EXPECT_TRUE(check(at(name), {.depth = CheckDepth::kDeep, .listings = listings}).is_clean())
        << name;
  }
}

TEST_F(OtherCase, OfAnExtraRegionIsReportedByTheNextListings) {
  const auto listings = new_directory_listings();
  EXPECT_TRUE(check(at("base.cim"), {.listings = listings}).is_clean());
  std::filesystem::copy_file(at("REGION_ABCDEF11-0000-4000-8000-00000000000A_0"),
                             at("REGION_ABCDEF11-0000-4000-8000-00000000000A_9"));
  EXPECT_TRUE(check(at("base.cim"), {.listings = listings}).is_clean());
  for (const char* const name : {"base.cim", "fork.cim"}) {
    EXPECT_EQ(check(at(name)).warnings, 1) << name;
  }
}

TEST_F(OtherCase, IsNotGarbage) {
  EXPECT_THAT(find_garbage(directory_.path()), IsEmpty());
  EXPECT_THAT(collect_garbage(directory_.path()), IsEmpty());
  expect_whole(at("fork.cim"));
}

TEST_F(OtherCase, IsGarbageWithoutAnImage) {
  std::filesystem::remove(at("fork.cim"));
  EXPECT_EQ(collect_garbage(directory_.path()).size(), 6U);
  EXPECT_EQ(parts(directory_.path(), kSpelledFork), 0U);
  EXPECT_EQ(parts(directory_.path(), kSpelledBase), 6U);
  expect_whole(at("base.cim"));
}

TEST_F(OtherCase, IsDestroyedWithItsImageOnly) {
  destroy_image(at("fork.cim"));
  EXPECT_EQ(parts(directory_.path(), kSpelledFork), 0U);
  expect_whole(at("base.cim"));
  destroy_image(at("base.cim"));
  EXPECT_EQ(parts(directory_.path(), kSpelledBase), 0U);
}

TEST_F(OtherCase, OfAnAncestorIsKeptForItsForks) {
  std::filesystem::remove(at("base.cim"));
  destroy_image(at("fork.cim"));  // the last user of both sets
  EXPECT_EQ(parts(directory_.path(), kSpelledBase), 0U);
}

TEST_F(OtherCase, IsListedAsUsed) {
  for (const FileUse& use : file_uses(directory_.path())) {
    EXPECT_TRUE(use.file.size) << use.file.path;
    EXPECT_FALSE(use.images.empty()) << use.file.path;
  }
  EXPECT_EQ(file_uses(directory_.path()).size(), 2U + 12);
}

TEST_F(OtherCase, IsCopiedUnderTheUsualNames) {
  const auto copy = at("there/copy.cim");
  EXPECT_EQ(copy_image(at("fork.cim"), copy).size(), 13U);
  EXPECT_TRUE(std::filesystem::exists(at("there/" + region_file_name(kSpelledBase, 0))));
  expect_whole(copy);
  expect_same(at("fork.cim"), copy);
  expect_whole(at("base.cim"));
}

TEST_F(OtherCase, IsRecognizedInTheTarget) {
  copy_image(at("base.cim"), at("there/base.cim"));
  spell_in_upper_case(at("there"));
  std::size_t there = 0;
  for (const TransferredFile& file : copy_image(at("fork.cim"), at("there/fork.cim"))) {
    there += file.was_there ? 1U : 0U;
  }
  EXPECT_EQ(there, 6U);
  EXPECT_EQ(parts(at("there"), kSpelledBase), 6U);
  expect_whole(at("there/fork.cim"));
}

TEST_F(OtherCase, IsMovedWholly) {
  move_image(at("fork.cim"), at("there/fork.cim"));
  EXPECT_EQ(parts(directory_.path(), kSpelledFork), 0U);
  expect_whole(at("there/fork.cim"));
  expect_whole(at("base.cim"));  // whose files were copied
  move_image(at("base.cim"), at("there/base.cim"));
  EXPECT_EQ(parts(directory_.path(), kSpelledBase), 0U);
  expect_whole(at("there/base.cim"));
}

TEST_F(OtherCase, IsABaseOfForks) {
  ImageWriter writer(at("next.cim"), {.base = at("fork.cim")});
  put(writer, "again", as_bytes("contents of the base"));
  const CommitSummary summary = writer.commit();
  EXPECT_GT(summary.deduplicated_bytes, 0U);  // by the object ids of an ancestor
  expect_whole(at("next.cim"));
}

TEST(PartNameIgnoringCase, IsParsed) {
  const auto part = parse_part_name_ignoring_case("Region_ABCDEF11-0000-4000-8000-00000000000A_3");
  ASSERT_TRUE(part);
  EXPECT_EQ(part->region_set, kSpelledBase);
  EXPECT_EQ(part->index, 3U);
  EXPECT_FALSE(parse_part_name_ignoring_case("Region_ABCDEF11-0000-4000-8000-00000000000A_03"));
}

// A set whose files were moved apart is collected.
TEST_F(OtherCase, IsCollectedFromOtherDirectories) {
  std::filesystem::create_directory(at("apart"));
  for (const auto& entry : entries_of(directory_.path())) {
    const auto part = parse_part_name_ignoring_case(entry.path().filename().string());
    if (part && part->region_set == kSpelledBase) {
      std::filesystem::rename(entry.path(), at("apart") / entry.path().filename());
    }
  }
  const auto copy = at("there/copy.cim");
  copy_image(at("fork.cim"), copy, {.region_directories = {at("apart")}});
  expect_whole(copy);
  EXPECT_TRUE(
      diff(at("fork.cim"), copy, {.region_directories = {at("apart")}}, [](const Difference&) {
        return true;
      }).is_same());
  EXPECT_EQ(image_files(at("fork.cim"), {at("apart")})[1].path.parent_path(), at("apart"));
}

}  // namespace
}  // namespace cim
