// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
// Directories with several families of images: which files belong to which image, and which to
// none.

#include "cimlib/gc.h"

#include <fstream>
#include <set>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cimlib/image.h"

#include "expect_error.h"
#include "image/read/region_files.h"
#include "image/read/store_listing.h"
#include "image/sample_image.h"
#include "os/directory_lock.h"
#include "temporary_directory.h"

namespace cim {
namespace {

using test::expect_error;
using testing::ElementsAre;
using testing::IsEmpty;

const Guid kFirst = *Guid::parse("11111111-0000-4000-8000-000000000001");
const Guid kFork = *Guid::parse("22222222-0000-4000-8000-000000000002");
const Guid kOther = *Guid::parse("33333333-0000-4000-8000-000000000003");
const Guid kLost = *Guid::parse("44444444-0000-4000-8000-000000000004");

class Family : public testing::Test {
 protected:
  void make_file(const std::string& name, std::string_view text = "x") const {
    std::ofstream(at(name), std::ios::binary) << text;
  }

  // Makes an image whose files consist of headers only.
  void make_image(const std::string& name, const Guid& own,
                  std::vector<format::RegionSetEntry> parents = {}) const {
    format::FilesystemHeader header;
    header.own = {own, 3};
    header.filesystem = format::RegionOffset(40);
    header.parents = std::move(parents);
    make_file(name, as_text(format::encode(header)));
    make_set(own);
  }

  void make_set(const Guid& guid, unsigned regions = 3) const {
    for (unsigned i = 0; i < regions; ++i) {
      const auto index = static_cast<std::uint16_t>(i);
      make_file(region_file_name(guid, i),
                as_text(format::encode(format::RegionHeader{.index = index})));
      make_file(object_id_file_name(guid, i),
                as_text(format::encode(format::ObjectIdHeader{.index = index})));
    }
  }

  std::filesystem::path at(const std::string& name) const { return directory_.path() / name; }

  std::vector<std::string> garbage() const {
    std::vector<std::string> names;
    for (const GarbageFile& file : find_garbage(directory_.path())) {
      names.push_back(file.path.filename().string());
    }
    return names;
  }

  std::set<std::string> names() const {
    std::set<std::string> names;
    for (const auto& entry : entries_of(directory_.path())) {
      names.insert(entry.path().filename().string());
    }
    return names;
  }

  test::TemporaryDirectory directory_;
};

TEST(PartName, IsParsedAsWritten) {
  const auto region = parse_part_name("region_11111111-0000-4000-8000-000000000001_12");
  ASSERT_TRUE(region);
  EXPECT_EQ(region->kind, ImageFileKind::kRegion);
  EXPECT_EQ(region->region_set, kFirst);
  EXPECT_EQ(region->index, 12);
  const auto ids = parse_part_name("objectid_11111111-0000-4000-8000-000000000001_0");
  ASSERT_TRUE(ids);
  EXPECT_EQ(ids->kind, ImageFileKind::kObjectIds);
}

TEST(PartName, RefusesOtherNames) {
  for (const std::string_view name : {"region_", "region_11111111-0000-4000-8000-000000000001",
                                      "region_11111111-0000-4000-8000-000000000001_",
                                      "region_11111111-0000-4000-8000-000000000001_01",
                                      "region_11111111-0000-4000-8000-000000000001_1a",
                                      "region_11111111-0000-4000-8000-000000000001_-1",
                                      "region_11111111-0000-4000-8000-000000000001_99999999999",
                                      "region_{11111111-0000-4000-8000-000000000001}_0",
                                      "region_AAAAAAAA-0000-4000-8000-000000000001_0",
                                      "regions_11111111-0000-4000-8000-000000000001_0",
                                      "region_backup_of_all_my_things_and_more_0"}) {
    EXPECT_FALSE(parse_part_name(name)) << name;
  }
}

TEST(TemporaryName, IsThatOfAnAtomicFile) {
  EXPECT_TRUE(is_temporary_name(".7.cim.11111111-0000-4000-8000-000000000001.tmp"));
  EXPECT_FALSE(is_temporary_name("7.cim.11111111-0000-4000-8000-000000000001.tmp"));
  EXPECT_FALSE(is_temporary_name(".11111111-0000-4000-8000-000000000001.tmp"));
  EXPECT_FALSE(is_temporary_name(".7.cim.11111111-0000-4000-8000-00000000000.tmp"));
  EXPECT_FALSE(is_temporary_name(".tmp"));
}

TEST_F(Family, OfOneImageIsListedWithSizesAndMissingFiles) {
  const auto image = at("sample.cim");
  test::write_sample_image(image);
  std::filesystem::remove(at(object_id_file_name(test::kSampleGuid, 1)));
  const auto files = image_files(image);
  ASSERT_EQ(files.size(), 7);
  EXPECT_EQ(files[0].path, image);
  EXPECT_EQ(files[0].size, 72);
  EXPECT_EQ(files[1].path, at(region_file_name(test::kSampleGuid, 0)));
  EXPECT_EQ(files[1].kind, ImageFileKind::kRegion);
  EXPECT_EQ(files[1].region_set, test::kSampleGuid);
  EXPECT_TRUE(files[1].is_own);
  EXPECT_EQ(files[2].path, at(object_id_file_name(test::kSampleGuid, 0)));
  EXPECT_EQ(files[4].size, std::nullopt);
}

TEST_F(Family, OfAForkNamesTheFilesOfItsAncestorsFirst) {
  make_image("a.cim", kFirst);
  make_image("b.cim", kFork, {{kFirst, 2}});
  const auto files = image_files(at("b.cim"));
  ASSERT_EQ(files.size(), 11);
  EXPECT_EQ(files[1].region_set, kFirst);
  EXPECT_FALSE(files[1].is_own);
  EXPECT_EQ(files[5].path, at(region_file_name(kFork, 0)));
  EXPECT_TRUE(files[5].is_own);
}

TEST_F(Family, WithoutLeftoversHasNoGarbage) {
  make_image("a.cim", kFirst);
  make_image("b.cim", kFork, {{kFirst, 3}});
  make_file("notes.txt");
  make_file("region_notes.txt");
  EXPECT_THAT(garbage(), IsEmpty());
}

TEST_F(Family, GarbageIsExactlyWhatNoImageNeeds) {
  make_image("a.cim", kFirst);
  make_image("b.cim", kFork, {{kFirst, 3}});
  make_image("without extension", kOther);
  make_set(kLost, 2);
  make_file(".c.cim.44444444-0000-4000-8000-000000000004.tmp");
  EXPECT_THAT(garbage(), ElementsAre(".c.cim.44444444-0000-4000-8000-000000000004.tmp",
                                     object_id_file_name(kLost, 0), object_id_file_name(kLost, 1),
                                     region_file_name(kLost, 0), region_file_name(kLost, 1)));
  const auto before = names();
  EXPECT_EQ(collect_garbage(directory_.path()).size(), 5);
  EXPECT_EQ(names().size(), before.size() - 5);
  EXPECT_THAT(garbage(), IsEmpty());
  EXPECT_TRUE(std::filesystem::exists(at(region_file_name(kOther, 2))));
}

TEST_F(Family, OfAStoreIncludesItsLayers) {
  std::filesystem::create_directory(at("cim-layers"));
  make_set(kLost, 1);
  std::filesystem::rename(at(region_file_name(kLost, 0)),
                          at("cim-layers/" + region_file_name(kLost, 0)));
  EXPECT_THAT(garbage(), ElementsAre(object_id_file_name(kLost, 0), region_file_name(kLost, 0)));
  EXPECT_EQ(collect_garbage(directory_.path()).size(), 2U);
  EXPECT_TRUE(std::filesystem::is_empty(at("cim-layers")));
}

TEST_F(Family, GarbageIsOnlyWhatIsProvablyOurs) {
  make_file(region_file_name(kLost, 0), "some user's notes");
  make_file("target", std::string(100, '\0'));
  std::filesystem::create_symlink("target", at(region_file_name(kLost, 1)));
  std::filesystem::create_directory(at(region_file_name(kLost, 2)));
  make_file(region_file_name(kLost, 3), "");  // of a writer that was killed at once
  EXPECT_THAT(garbage(), ElementsAre(region_file_name(kLost, 3)));
}

TEST_F(Family, DestroyKeepsOtherFilesWithTheSameNames) {
  make_image("a.cim", kFirst);
  std::filesystem::create_directory(at(region_file_name(kFirst, 3)));
  destroy_image(at("a.cim"));
  EXPECT_THAT(names(), ElementsAre(region_file_name(kFirst, 3)));
}

TEST_F(Family, NeedsTheRegionsOfADestroyedAncestor) {
  make_image("a.cim", kFirst);
  make_image("b.cim", kFork, {{kFirst, 3}});
  std::filesystem::remove(at("a.cim"));
  EXPECT_THAT(garbage(), IsEmpty());
  std::filesystem::remove(at("b.cim"));
  EXPECT_EQ(garbage().size(), 12);
}

TEST_F(Family, WithAnUnreadableImageHasNoKnownGarbage) {
  make_image("a.cim", kFirst);
  make_set(kLost);
  make_file("broken.cim", "not an image");
  expect_error(ErrorCode::kCorrupt, "broken.cim: cannot determine which files it needs",
               [this] { garbage(); });
  expect_error(ErrorCode::kCorrupt, "broken.cim", [this] { collect_garbage(directory_.path()); });
  EXPECT_TRUE(std::filesystem::exists(at(region_file_name(kLost, 0))));
  std::filesystem::remove(at("broken.cim"));
  make_file("broken.CIM", "");
  expect_error(ErrorCode::kCorrupt, "broken.CIM", [this] { garbage(); });
}

TEST_F(Family, WithABrokenHeaderUnderAnyNameHasNoKnownGarbage) {
  format::FilesystemHeader header;
  header.own = {kLost, 3};
  header.parents = {{kFirst, 3}};
  Bytes bytes = format::encode(header);
  make_file("plain name", as_text(ByteView(bytes).first(90)));
  expect_error(ErrorCode::kCorrupt, "plain name: at byte", [this] { garbage(); });
  bytes[16] = std::byte{9};
  make_file("plain name", as_text(bytes));
  expect_error(ErrorCode::kUnsupported, "format version 9.0", [this] { garbage(); });
}

TEST_F(Family, RecognizesImagesByContent) {
  make_image(region_file_name(kLost, 0), kFirst);
  EXPECT_THAT(garbage(), IsEmpty());
}

TEST_F(Family, IgnoresLinksAndDirectories) {
  make_file("elsewhere");
  std::filesystem::create_symlink(at("elsewhere"), at(region_file_name(kLost, 0)));
  std::filesystem::create_directory(at(region_file_name(kLost, 1)));
  std::filesystem::create_directory(at("directory.cim"));
  EXPECT_THAT(garbage(), IsEmpty());
}

TEST_F(Family, WithADanglingLinkToAnImageHasNoKnownGarbage) {
  std::filesystem::create_symlink(at("elsewhere"), at("a.cim"));
  expect_error(ErrorCode::kNotFound, "a.cim: cannot determine", [this] { garbage(); });
}

// A link that leads to itself can't be looked at; nor could a file on a failing disk.
TEST_F(Family, InAStoreThatCannotBeLookedAtHasNoKnownGarbage) {
  make_image("a.cim", kFirst);
  std::filesystem::create_symlink("cim-layers", at("cim-layers"));
  expect_error(ErrorCode::kInvalidArgument, "cim-layers: cannot access", [this] { garbage(); });
}

TEST_F(Family, WithAFileThatCannotBeLookedAtIsNotListed) {
  make_image("a.cim", kFirst);
  const auto region = region_file_name(kFirst, 0);
  std::filesystem::remove(at(region));
  std::filesystem::create_symlink(region, at(region));
  expect_error(ErrorCode::kInvalidArgument, region + ": cannot access",
               [this] { image_files(at("a.cim")); });
}

TEST(Garbage, OfAMissingDirectoryIsAnError) {
  expect_error(ErrorCode::kNotFound, "/nowhere/at/all", [] { find_garbage("/nowhere/at/all"); });
}

TEST_F(Family, KeepsTheFilesOfARunningWriter) {
  make_image("a.cim", kFirst);
  make_set(kLost);
  const DirectoryLock lock(directory_.path());
  EXPECT_EQ(garbage().size(), 6U);
  expect_error(ErrorCode::kBusy, "is writing images there",
               [this] { collect_garbage(directory_.path()); });
  expect_error(ErrorCode::kBusy, "is writing images there", [this] { destroy_image(at("a.cim")); });
  EXPECT_EQ(names().size(), 13U);
}

TEST_F(Family, ListsDependants) {
  make_image("a.cim", kFirst);
  make_image("b.cim", kFork, {{kFirst, 3}});
  make_image("c.cim", kOther, {{kFirst, 3}, {kFork, 3}});
  EXPECT_THAT(dependents(at("a.cim")), ElementsAre(at("b.cim"), at("c.cim")));
  EXPECT_THAT(dependents(at("b.cim")), ElementsAre(at("c.cim")));
  EXPECT_THAT(dependents(at("c.cim")), IsEmpty());
  std::filesystem::copy_file(at("c.cim"), at("d.cim"));
  EXPECT_THAT(dependents(at("c.cim")), ElementsAre(at("d.cim")));
}

TEST_F(Family, RefusesToDestroyAnImageThatAnotherNeeds) {
  make_image("a.cim", kFirst);
  make_image("b.cim", kFork, {{kFirst, 3}});
  make_image("c.cim", kOther, {{kFirst, 3}});
  const auto before = names();
  expect_error(ErrorCode::kBusy, "a.cim: other images need it: b.cim, c.cim",
               [this] { destroy_image(at("a.cim")); });
  EXPECT_EQ(names(), before);
}

TEST_F(Family, DestroysAnImageAndNothingElse) {
  make_image("a.cim", kFirst);
  make_image("b.cim", kFork, {{kFirst, 3}});
  const auto ancestor = names();
  destroy_image(at("b.cim"));
  EXPECT_EQ(names().size(), ancestor.size() - 7);
  EXPECT_TRUE(std::filesystem::exists(at("a.cim")));
  EXPECT_THAT(garbage(), IsEmpty());
  destroy_image(at("a.cim"));
  EXPECT_THAT(names(), IsEmpty());
}

TEST_F(Family, DestroysOneOfTwoThatShareARegionSetAndKeepsTheSet) {
  make_image("a.cim", kFirst);
  make_image("b.cim", kFork, {{kFirst, 3}});
  std::filesystem::copy_file(at("a.cim"), at("same as a.cim"));
  const auto before = names();
  destroy_image(at("a.cim"));
  EXPECT_EQ(names().size(), before.size() - 1);
  expect_error(ErrorCode::kBusy, "other images need it: b.cim",
               [this] { destroy_image(at("same as a.cim")); });
}

TEST_F(Family, DestroysFilesThatOnlyTheImageNeeds) {
  make_image("a.cim", kFirst);
  make_image("a.cim", kFork, {{kFirst, 3}});
  destroy_image(at("a.cim"));
  EXPECT_THAT(names(), IsEmpty());
}

TEST_F(Family, DestroysAnImageWithMissingFiles) {
  make_image("a.cim", kFirst);
  std::filesystem::remove(at(region_file_name(kFirst, 1)));
  std::filesystem::remove(at(object_id_file_name(kFirst, 0)));
  destroy_image(at("a.cim"));
  EXPECT_THAT(names(), IsEmpty());
  expect_error(ErrorCode::kNotFound, "a.cim", [this] { destroy_image(at("a.cim")); });
}

}  // namespace
}  // namespace cim
