// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include <fstream>
#include <set>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cimlib/error.h"
#include "cimlib/gc.h"
#include "cimlib/image.h"
#include "cimlib/layer.h"
#include "cimlib/oci.h"

#include "expect_error.h"
#include "layout_directory.h"
#include "oci/records.h"
#include "tar/compression.h"
#include "tar/memory_streams.h"
#include "tar/tar_builder.h"
#include "temporary_directory.h"

namespace cim::oci {
namespace {

using nlohmann::json;
using test::EntryBytes;
using test::expect_error;
using testing::ElementsAre;

std::string tar_of(const std::string& file) {
  return EntryBytes{.name = "Files", .type = '5'}.bytes() +
         EntryBytes{.name = "Files/" + file, .body = file}.bytes() + test::end_marker();
}

class ImportImage : public testing::Test {
 protected:
  void SetUp() override { layout_.write_index({image_}); }

  ImportResult import(const ImportOptions& options = {}) const {
    return import_image(layout_.path(), store_, options);
  }
  // Returns the steps of an import, such as "import 0".
  std::vector<std::string> steps() const {
    std::vector<std::string> told;
    (void)import({.step = [&](LayerStep step, const LayerDescription&, std::size_t place) {
      constexpr std::array<const char*, 3> kNames = {"verify ", "import ", "reuse "};
      told.push_back(kNames.at(static_cast<std::size_t>(step)) + std::to_string(place));
    }});
    return told;
  }
  static bool has(const std::filesystem::path& layer, std::string_view path) {
    return Image(layer::cim_path(layer)).find(ImagePath::parse(path)).has_value();
  }
  static std::string gzip_of(const std::string& bytes) {
    return test::packed(bytes, tar::make_gzip_sink);
  }
  // Replaces the image by one with a single layer, whose diff id is the digest of `plain`.
  void write_image(const std::string& blob, const std::string& plain) const {
    const json config = {{"os", "windows"},
                         {"architecture", "amd64"},
                         {"rootfs", {{"type", "layers"}, {"diff_ids", {test::digest_of(plain)}}}}};
    const json manifest = {{"schemaVersion", 2},
                           {"config", layout_.add_json(config, test::kConfigType)},
                           {"layers", {layout_.add_blob(blob, test::kLayerType)}}};
    layout_.write_index({layout_.add_json(manifest, test::kManifestType)});
  }
  // The store has this number of complete layers, and nothing else but records of them.
  void expect_layers_and_no_image(std::size_t count) const {
    std::set<std::string> layers;
    for (const auto& entry : std::filesystem::directory_iterator(store_)) {
      const std::string name = entry.path().filename().string();
      if (name != "cim-images" && name != "cim-layers") {
        layers.insert(name);
        EXPECT_TRUE(std::filesystem::exists(entry.path() / "oci-layer.json"));
      }
    }
    EXPECT_EQ(layers.size(), count);
    EXPECT_THAT(find_garbage(store_ / "cim-layers"), testing::IsEmpty());
    const StoreRecords records(store_);
    EXPECT_EQ(records.layers().size(), count);
    EXPECT_THAT(records.names(), testing::IsEmpty());
    for (const auto& entry : std::filesystem::directory_iterator(store_ / "cim-images/tars")) {
      EXPECT_TRUE(layers.contains(entry.path().stem().string())) << entry.path();
    }
  }
  void overwrite(const std::string& digest, const std::string& bytes) const {
    std::ofstream(layout_.blob(digest), std::ios::binary) << bytes;
  }

  test::TemporaryDirectory directory_;
  test::LayoutDirectory layout_{directory_.path() / "layout"};
  std::filesystem::path store_ = directory_.path() / "store";
  std::string top_ = tar_of("top.txt");
  json image_ = layout_.add_image({tar_of("base.txt"), tar_of("middle.txt"), top_});
};

TEST_F(ImportImage, CreatesAChainOfLayers) {
  const ImportResult result = import();
  ASSERT_EQ(result.layers.size(), 3U);
  EXPECT_EQ(result.image.manifest, image_["digest"]);
  for (std::size_t i = 0; i < 3; ++i) {
    const std::string chain = result.image.layers[i].chain_id;
    EXPECT_EQ(result.layers[i].directory, store_ / chain.substr(chain.find(':') + 1));
    EXPECT_TRUE(layer::is_cim_layer(result.layers[i].directory));
    EXPECT_EQ(result.layers[i].result.value().entries, 2U);
    EXPECT_TRUE(has(result.layers[i].directory, "Files/base.txt"));
    EXPECT_EQ(has(result.layers[i].directory, "Files/middle.txt"), i >= 1);
    EXPECT_EQ(has(result.layers[i].directory, "Files/top.txt"), i >= 2);
  }
}

TEST_F(ImportImage, RecordsTheIdsOfALayer) {
  const ImportResult result = import();
  std::ifstream record(result.layers[2].directory / "oci-layer.json");
  EXPECT_EQ(json::parse(record), (json{{"diffId", result.image.layers[2].diff_id},
                                       {"chainId", result.image.layers[2].chain_id}}));
}

TEST_F(ImportImage, ReportsItsSteps) {
  EXPECT_THAT(steps(), ElementsAre("import 0", "import 1", "import 2"));
  EXPECT_THAT(steps(), ElementsAre("reuse 0", "reuse 1", "reuse 2"));
}

TEST_F(ImportImage, ReusesSharedLayers) {
  (void)import();
  layout_.write_index({layout_.add_image({tar_of("base.txt"), top_})});
  EXPECT_THAT(steps(), ElementsAre("reuse 0", "import 1"));
}

TEST_F(ImportImage, ReusesLayersWithoutTheirBlobs) {
  const ImportResult first = import();
  std::filesystem::remove(layout_.blob(first.image.layers[1].digest));
  EXPECT_THAT(steps(), ElementsAre("reuse 0", "reuse 1", "reuse 2"));
}

TEST_F(ImportImage, WritesTheRecordMissingAfterAKilledImport) {
  const auto record = import().layers[1].directory / "oci-layer.json";
  std::filesystem::remove(record);
  (void)import();
  EXPECT_TRUE(std::filesystem::exists(record));
  std::ofstream(record) << "{}";
  expect_error(ErrorCode::kCorrupt, "belongs to another layer", [&] { (void)import(); });
}

TEST_F(ImportImage, RefusesABlobOfAnotherSizeBeforeWriting) {
  overwrite(test::digest_of(top_), top_ + "x");
  expect_error(ErrorCode::kCorrupt, "bytes, expected", [&] { (void)import(); });
  EXPECT_FALSE(std::filesystem::exists(store_));
}

// Damage of headers and of contents: the tar itself is damaged, or only its digest is wrong.
TEST_F(ImportImage, NothingOfAModifiedLayerRemains) {
  for (const std::size_t place :
       {std::size_t{600}, top_.size() - test::end_marker().size() - 512}) {
    std::string tampered = top_;
    tampered[place] ^= 1;
    overwrite(test::digest_of(top_), tampered);
    expect_error(ErrorCode::kCorrupt, "was modified", [&] { (void)import(); });
    expect_layers_and_no_image(2);
  }
  overwrite(test::digest_of(top_), top_);
  EXPECT_THAT(steps(), ElementsAre("reuse 0", "reuse 1", "import 2"));
}

TEST_F(ImportImage, NothingOfAModifiedBaseRemains) {
  std::string tampered = tar_of("base.txt");
  tampered[600] ^= 1;
  overwrite(test::digest_of(tar_of("base.txt")), tampered);
  expect_error(ErrorCode::kCorrupt, "was modified", [&] { (void)import(); });
  EXPECT_FALSE(std::filesystem::exists(store_));
}

// The time in its header is not part of what a gzip stream decompresses to.
TEST_F(ImportImage, RefusesAnotherBlobOfTheSameTar) {
  for (const std::size_t time_field : {4U, 7U}) {
    std::string packed = gzip_of(top_);
    write_image(packed, top_);
    const std::string digest = test::digest_of(packed);
    packed[time_field] ^= 1;
    overwrite(digest, packed);
    expect_error(ErrorCode::kCorrupt, "was modified: its digest is " + test::digest_of(packed),
                 [&] { (void)import(); });
    EXPECT_FALSE(std::filesystem::exists(store_));
    packed[time_field] ^= 1;
    overwrite(digest, packed);
  }
  EXPECT_EQ(import().layers.size(), 1U);
}

TEST_F(ImportImage, RefusesACompressedBlobNamedByTheDigestOfItsTar) {
  const std::string packed = gzip_of(top_);
  write_image(packed, packed);  // the diff id is the digest of the blob
  expect_error(ErrorCode::kCorrupt, "the digest of the tar is " + test::digest_of(top_),
               [&] { (void)import(); });
  EXPECT_FALSE(std::filesystem::exists(store_));
}

TEST_F(ImportImage, RefusesALayerWithAnotherDiffId) {
  for (const std::string& blob : {top_, gzip_of(top_)}) {
    write_image(blob, "b");
    expect_error(ErrorCode::kCorrupt, test::digest_of("b"), [&] { (void)import(); });
    EXPECT_FALSE(std::filesystem::exists(store_));
  }
}

TEST_F(ImportImage, NamesOtherLocationsOfAMissingLayer) {
  json foreign =
      layout_.add_blob(top_, "application/vnd.docker.image.rootfs.foreign.diff.tar.gzip");
  foreign["urls"] = {"https://example.org/layer"};
  const json config = {{"os", "windows"},
                       {"architecture", "amd64"},
                       {"rootfs", {{"type", "layers"}, {"diff_ids", {test::digest_of(top_)}}}}};
  layout_.write_index({layout_.add_json({{"schemaVersion", 2},
                                         {"config", layout_.add_json(config, test::kConfigType)},
                                         {"layers", {foreign}}},
                                        test::kManifestType)});
  EXPECT_EQ(find_image(layout_.path()).layers.size(), 1U);
  std::filesystem::remove(layout_.blob(test::digest_of(top_)));
  expect_error(ErrorCode::kNotFound,
               "not distributable; it is available from https://example.org/layer",
               [&] { (void)import(); });
}

TEST_F(ImportImage, KeepsCompletedLayersAfterAFailure) {
  const std::string bad = std::string(512, 'x');
  layout_.write_index({layout_.add_image({tar_of("base.txt"), bad})});
  expect_error(ErrorCode::kCorrupt, "", [&] { (void)import(); });
  layout_.write_index({image_});
  EXPECT_THAT(steps(), ElementsAre("reuse 0", "import 1", "import 2"));
}

TEST_F(ImportImage, LimitsTheEntriesOfAllLayersTogether) {
  ImportOptions options;
  options.layer.limits.entries = 5;  // each layer has two
  expect_error(ErrorCode::kLimit, "entries allowed", [&] { (void)import(options); });
  EXPECT_THAT(steps(), ElementsAre("reuse 0", "reuse 1", "import 2"));
}

TEST_F(ImportImage, LimitsTheSizeOfAllLayersTogether) {
  ImportOptions options;
  options.layer.limits.size = 3 * top_.size() - 1;
  expect_error(ErrorCode::kLimit, "bytes allowed", [&] { (void)import(options); });
  options.layer.limits.size = top_.size();  // for the layer that is not yet in the store
  EXPECT_EQ(import(options).layers.size(), 3U);
}

TEST_F(ImportImage, StopsOnRequest) {
  std::stop_source source;
  source.request_stop();
  ImportOptions options;
  options.layer.stop = source.get_token();
  expect_error(ErrorCode::kCancelled, "cancelled", [&] { (void)import(options); });
  EXPECT_FALSE(std::filesystem::exists(store_));
}

TEST_F(ImportImage, WritesTheSameBytesForOneRegionSetAndTime) {
  ImportOptions options;
  options.layer.writer.region_set = Guid::parse("01234567-89ab-cdef-0123-456789abcdef");
  options.layer.writer.now = FileTime{133'000'000'000'000'000};
  const auto bytes_of = [](const std::filesystem::path& store) {
    std::string all;
    std::vector<std::filesystem::path> files(
        std::filesystem::directory_iterator(store / "cim-layers"), {});
    std::ranges::sort(files);
    for (const auto& file : files) {
      std::ifstream in(file, std::ios::binary);
      all += file.filename().string() + std::string(std::istreambuf_iterator<char>(in), {});
    }
    return all;
  };
  (void)import_image(layout_.path(), directory_.path() / "a", options);
  (void)import_image(layout_.path(), directory_.path() / "b", options);
  EXPECT_EQ(test::digest_of(bytes_of(directory_.path() / "a")),
            test::digest_of(bytes_of(directory_.path() / "b")));
}

}  // namespace
}  // namespace cim::oci
