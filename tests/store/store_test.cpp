// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "cimlib/store.h"

#include <gmock/gmock.h>

#include "cimlib/error.h"
#include "cimlib/layer.h"

#include "expect_error.h"
#include "store_fixture.h"

namespace cim::store {
namespace {

using test::expect_error;
using testing::ElementsAre;
using testing::IsEmpty;

using Store = test::StoreFixture;

TEST_F(Store, ListsImagesByName) {
  const std::string two = import("two", {"base", "top"});
  const std::string one = import("one", {"base"});
  const std::vector<Image> all = images(store_);
  ASSERT_EQ(all.size(), 2U);
  EXPECT_EQ(all[0].digest, one);
  EXPECT_THAT(all[0].names, ElementsAre("one"));
  EXPECT_EQ(all[0].platform.to_string(), "windows/amd64:10.0.20348.1");
  EXPECT_EQ(all[0].layers.size(), 1U);
  EXPECT_EQ(all[1].digest, two);
  EXPECT_EQ(all[1].layers.size(), 2U);
  EXPECT_EQ(all[0].own_size, 0U);
  EXPECT_EQ(all[0].shared_size, all[1].shared_size);
  EXPECT_GT(all[1].shared_size, 0U);
  EXPECT_GT(all[1].own_size, 0U);
}

TEST_F(Store, OfAnEarlierVersionGetsRecordsWithTheNextImport) {
  const std::string digest = import("x", {"base"});
  std::filesystem::remove_all(store_ / "cim-images");
  EXPECT_THAT(images(store_), IsEmpty());
  EXPECT_GT(usage(store_).other_size, 0U);
  import("x", {"base"});
  EXPECT_EQ(find(store_, "x").digest, digest);
  EXPECT_EQ(usage(store_).other_size, 0U);
}

TEST_F(Store, IsRequired) {
  expect_error(ErrorCode::kNotFound, "no such directory", [&] { (void)images(store_); });
  std::filesystem::create_directory(store_);
  expect_error(ErrorCode::kNotFound, "not a store", [&] { (void)images(store_); });
  std::filesystem::create_directory(store_ / "cim-layers");
  EXPECT_THAT(images(store_), IsEmpty());
  EXPECT_EQ(usage(store_).total(), 0U);
}

TEST_F(Store, KeepsDocumentsByteForByte) {
  const std::string digest = import("x", {"base", "top"});
  const Details details = inspect(store_, "x");
  EXPECT_EQ(details.manifest, text_of(layout_.blob(digest)));
  const auto manifest = nlohmann::json::parse(details.manifest);
  EXPECT_EQ(details.configuration, text_of(layout_.blob(manifest["config"]["digest"])));
  EXPECT_EQ(details.manifest_type, test::kManifestType);
  EXPECT_EQ(nlohmann::json::parse(details.index_entry)["digest"], digest);
  ASSERT_EQ(details.layers.size(), 2U);
  EXPECT_EQ(details.layers[1].parent, details.layers[0].chain_id);
  EXPECT_EQ(details.layers[1].diff_id, test::digest_of(tar_of("top")));
  EXPECT_EQ(details.layers[1].digest, details.layers[1].diff_id);
  EXPECT_EQ(details.layers[1].packed_size, tar_of("top").size());
  EXPECT_EQ(details.layers[1].tar_size, tar_of("top").size());
  EXPECT_TRUE(layer::is_cim_layer(details.layers[1].directory));
}

TEST_F(Store, FindsImagesByNameDigestAndFirstDigits) {
  const std::string digest = import("x", {"base"});
  for (const std::string& which :
       {std::string("x"), digest, digest.substr(0, 20), digest.substr(7, 4)}) {
    EXPECT_EQ(find(store_, which).digest, digest) << which;
  }
  for (const std::string& which :
       {std::string(), std::string("y"), digest.substr(7, 3), digest + "0", "X" + digest}) {
    expect_error(ErrorCode::kNotFound, "has no image", [&] { (void)find(store_, which); });
  }
}

TEST_F(Store, MovesANameToTheImageImportedLast) {
  const std::string before = import("x", {"base"});
  const std::string after = import("x", {"base", "top"});
  EXPECT_EQ(find(store_, "x").digest, after);
  EXPECT_FALSE(find(store_, before).is_kept());
}

TEST_F(Store, RemovesANameAndThenTheImage) {
  const std::string digest = import("x", {"base"});
  import("y", {"base"});
  EXPECT_THAT(find(store_, digest).names, ElementsAre("x", "y"));
  EXPECT_FALSE(remove(store_, "x").is_removed);
  const RemoveResult last = remove(store_, "y");
  EXPECT_THAT(last.names, ElementsAre("y"));
  EXPECT_TRUE(last.is_removed);
  EXPECT_FALSE(find(store_, digest).is_kept());
  expect_error(ErrorCode::kNotFound, "has no image y", [&] { (void)remove(store_, "y"); });
}

TEST_F(Store, RemovesSeveralNamesOnlyByForce) {
  const std::string digest = import("x", {"base"});
  import("y", {"base"});
  expect_error(ErrorCode::kInvalidArgument, "has 2 names", [&] { (void)remove(store_, digest); });
  EXPECT_TRUE(remove(store_, digest, {.all_names = true}).is_removed);
  EXPECT_FALSE(find(store_, digest).is_kept());
}

TEST_F(Store, KeepsAnImageWithoutANameByItsDigest) {
  const std::string digest = import("", {"base"});
  EXPECT_THAT(find(store_, digest).names, IsEmpty());
  EXPECT_TRUE(find(store_, digest).is_kept_by_digest);
  EXPECT_TRUE(remove(store_, digest).is_removed);
  EXPECT_FALSE(find(store_, digest).is_kept());
}

TEST_F(Store, ReplacesTheDigestByAName) {
  const std::string digest = import("", {"base"});
  import("x", {"base"});
  EXPECT_FALSE(find(store_, digest).is_kept_by_digest);
  EXPECT_TRUE(remove(store_, "x").is_removed);
}

TEST_F(Store, IgnoresNamesThatNoImageCanHave) {
  const std::string digest = import("line\nbreak", {"base"});
  EXPECT_THAT(find(store_, digest).names, IsEmpty());
  oci::ImportOptions options;
  options.name = std::string(1025, 'x');
  expect_error(ErrorCode::kInvalidArgument, "cannot be the name",
               [&] { (void)oci::import_image(layout_.path(), store_, options); });
}

TEST_F(Store, CountsEachLayerOnce) {
  import("one", {"base", "top"});
  import("two", {"base", "other"});
  import("three", {"alone"});
  (void)remove(store_, "three");
  const layer::ImportOptions foreign;
  std::ofstream(directory_.path() / "tar", std::ios::binary) << tar_of("foreign");
  layer::import_tar(directory_.path() / "tar", store_ / "foreign", {}, foreign);
  const Usage all = usage(store_);
  ASSERT_EQ(all.images.size(), 3U);
  EXPECT_EQ(all.images[0].shared_size, all.shared_size);
  EXPECT_EQ(all.images[0].own_size + all.images[1].own_size + all.images[2].own_size, all.own_size);
  EXPECT_GT(all.other_size, 0U);
  EXPECT_EQ(all.unused_size, 0U);
  (void)collect_garbage(store_);
  EXPECT_EQ(usage(store_).own_size, all.own_size - all.images[2].own_size);
}

TEST_F(Store, RefusesDamagedRecords) {
  const std::string digest = import("x", {"base"});
  const auto file = record("images", digest);
  const std::string good = text_of(file);
  for (const std::string& bad :
       {std::string(), std::string("{}"), good.substr(1), "{\"Version\":1" + good.substr(1),
        nlohmann::json::parse(good)
            .patch(nlohmann::json::parse(R"([{"op":"replace","path":"/version","value":2}])"))
            .dump()}) {
    std::ofstream(file, std::ios::binary) << bad;
    EXPECT_THROW((void)images(store_), Error) << bad;
  }
  std::filesystem::rename(
      record("layers", nlohmann::json::parse(good)["layers"][0].get<std::string>()),
      record("layers", test::digest_of("another")));
  std::ofstream(file, std::ios::binary) << good;
  expect_error(ErrorCode::kCorrupt, "is the record of something else",
               [&] { (void)images(store_); });
}

}  // namespace
}  // namespace cim::store
