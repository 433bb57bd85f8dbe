// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include <algorithm>
#include <memory>
#include <string>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "cimlib/error.h"
#include "cimlib/version.h"

#include "async/file_appender.h"
#include "async/shared_bytes.h"
#include "async/write_behind.h"
#include "expect_error.h"
#include "oci/artifact/frame_packer.h"
#include "oci/artifact/frame_unpacker.h"
#include "oci/artifact/seek_table.h"
#include "oci/artifact_manifest.h"
#include "temporary_directory.h"

namespace cim::oci {
namespace {

using nlohmann::json;
using test::expect_error;

constexpr const char* kRegion = "region_01234567-89ab-cdef-0123-456789abcdef_0";
constexpr const char* kObjectIds = "objectid_01234567-89ab-cdef-0123-456789abcdef_0";

Digest digest_for(const std::string& text) {
  return Digest(Sha256::of(as_bytes(text)));
}

Descriptor descriptor_for(const std::string& text) {
  return {.media_type = std::string(kArtifactManifestType),
          .digest = digest_for(text),
          .size = text.size()};
}

ArtifactBlob packed(ArtifactPart part, const std::string& name) {
  ArtifactBlob blob{.part = part, .digest = digest_for(name), .size = 100, .name = name};
  blob.plain_digest = digest_for("plain " + name);
  blob.plain_size = kFrameSize + 1;
  blob.seek_table_size = 33;
  if (part == ArtifactPart::kRegion) {
    blob.header.resize(40);
    blob.seek_table = Bytes(33);
  }
  return blob;
}

Artifact sample() {
  Artifact artifact{.manifest = descriptor_for("artifact"),
                    .subject = descriptor_for("image"),
                    .chain_id = digest_for("chain"),
                    .diff_id = digest_for("diff"),
                    .parent = digest_for("parent"),
                    .index = 1,
                    .blobs = {}};
  const std::string text = "filesystem";
  ArtifactBlob filesystem{
      .part = ArtifactPart::kFilesystem, .digest = digest_for(text), .size = text.size()};
  filesystem.data = Bytes(as_bytes(text).begin(), as_bytes(text).end());
  artifact.blobs.push_back(std::move(filesystem));
  artifact.blobs.push_back(packed(ArtifactPart::kRegion, kRegion));
  artifact.blobs.push_back(packed(ArtifactPart::kObjectIds, kObjectIds));
  for (const ArtifactPart part :
       {ArtifactPart::kFrames, ArtifactPart::kSidecars, ArtifactPart::kTarRecord}) {
    artifact.blobs.push_back({.part = part, .digest = digest_for("part"), .size = 4});
  }
  return artifact;
}

Artifact parse_sample(const json& document) {
  return parse_artifact(document, descriptor_for("artifact"), "x");
}

TEST(ArtifactManifest, IsReadAsItWasWritten) {
  const std::string text = encode(sample());
  const Artifact artifact = parse_sample(json::parse(text));
  EXPECT_EQ(encode(artifact), text);
  EXPECT_EQ(artifact.regions, 1);
  EXPECT_EQ(artifact.frames(), 4U);
  EXPECT_TRUE(is_artifact_manifest(json::parse(text)));
  EXPECT_EQ(artifact.find(ArtifactPart::kSidecars)->size, 4U);
}

TEST(ArtifactManifest, FilesThatAreNotPackedNeedNoTable) {
  Artifact plain = sample();
  for (const std::size_t i : {std::size_t{1}, std::size_t{2}}) {
    ArtifactBlob& blob = plain.blobs[i];
    blob.form = FrameForm::kPlain;
    blob.size = blob.plain_size;
    blob.plain_digest = blob.digest;
    blob.seek_table_size = 0;
    blob.seek_table.reset();
  }
  const std::string text = encode(plain);
  const Artifact artifact = parse_sample(json::parse(text));
  EXPECT_EQ(encode(artifact), text);
  EXPECT_EQ(artifact.blobs[1].descriptor().media_type, "application/vnd.cimlib.region.v1");
  EXPECT_EQ(artifact.frames(), 4U);
  json other = json::parse(text);
  other["layers"][3]["mediaType"] = "application/vnd.cimlib.frames.v1+zstd";
  expect_error(ErrorCode::kUnsupported, "unknown type", [&] { (void)parse_sample(other); });
}

TEST(ArtifactManifest, HasTheDigestsOfManyFrames) {
  Artifact large = sample();
  ArtifactBlob& frames = large.blobs[3];
  frames.data = Bytes(kLargestInlineFrames, std::byte{1});
  frames.size = frames.data->size();
  frames.digest = Digest(Sha256::of(*frames.data));
  const std::string text = encode(large);
  EXPECT_LT(text.size(), kLargestDocument / 2);
  EXPECT_EQ(parse_sample(json::parse(text)).find(ArtifactPart::kFrames)->data, frames.data);
}

TEST(ArtifactManifest, BelongsToOneLayer) {
  json document = json::parse(encode(sample()));
  document["annotations"].erase("org.cimlib.parent");
  expect_error(ErrorCode::kCorrupt, "must name a parent", [&] { (void)parse_sample(document); });
  document["annotations"]["org.cimlib.index"] = "0";
  EXPECT_EQ(parse_sample(document).index, 0U);
  document["annotations"]["org.cimlib.index"] = "99999999999999999999999";
  expect_error(ErrorCode::kCorrupt, "no number", [&] { (void)parse_sample(document); });
  document["artifactType"] = "text/plain";
  expect_error(ErrorCode::kUnsupported, "not an image in CIM form",
               [&] { (void)parse_sample(document); });
}

TEST(ArtifactManifest, NamesOnlyFilesOfOneImage) {
  for (const char* const name : {"../x", "/etc/passwd", "x.cim", "", "region_x_0", kObjectIds,
                                 "region_01234567-89ab-cdef-0123-456789abcdef_1"}) {
    json document = json::parse(encode(sample()));
    document["layers"][1]["annotations"]["org.opencontainers.image.title"] = name;
    expect_error(ErrorCode::kCorrupt, "annotations", [&] { (void)parse_sample(document); });
  }
}

TEST(ArtifactManifest, KnowsAllOfItsBlobs) {
  for (std::size_t i = 0; i < 5; ++i) {
    json document = json::parse(encode(sample()));
    document["layers"].erase(i);
    if (i == 2) {
      EXPECT_EQ(parse_sample(document).blobs.size(), 5U);  // a reader needs no object ids
    } else {
      expect_error(ErrorCode::kCorrupt, "", [&] { (void)parse_sample(document); });
    }
  }
  json document = json::parse(encode(sample()));
  document["layers"][0]["data"] = "AAAA";
  expect_error(ErrorCode::kCorrupt, "another digest", [&] { (void)parse_sample(document); });
}

TEST(SidecarList, IsReadAsItWasWritten) {
  SidecarList list{.made_hives = true, .files = {}, .build = "20348"};
  list.files.emplace("Hives/SAM_BASE", digest_for("hive").hex());
  EXPECT_EQ(parse_sidecar_list(as_bytes(encode(list)), "x"), list);
  list.files.emplace("Hives/../../x", digest_for("hive").hex());
  expect_error(ErrorCode::kCorrupt, "not a sidecar file",
               [&] { (void)parse_sidecar_list(as_bytes(encode(list)), "x"); });
}

TEST(FrameDigests, AreAsManyAsFrames) {
  const Artifact artifact = sample();
  const FrameDigests digests = {Sha256::of(as_bytes("a")), Sha256::of(as_bytes("b")),
                                Sha256::of(as_bytes("c")), Sha256::of(as_bytes("d"))};
  const Bytes bytes = encode(digests);
  EXPECT_EQ(parse_frame_digests(bytes, artifact, "x"), digests);
  EXPECT_EQ(digests_of(digests, artifact, artifact.blobs[2]),
            FrameDigests(digests.begin() + 2, digests.end()));
  expect_error(ErrorCode::kCorrupt, "digests for 4 frames",
               [&] { (void)parse_frame_digests(ByteView(bytes).first(96), artifact, "x"); });
}

TEST(SeekTable, DescribesTheWholeFile) {
  const std::vector<Frame> frames = {{0, 10, kFrameSize}, {10, 20, kFrameSize}, {30, 5, 7}};
  const Bytes table = encode_seek_table(frames);
  const PackedSizes sizes{2 * kFrameSize + 7, 35 + table.size(), table.size()};
  EXPECT_EQ(parse_seek_table(table, sizes, "x"), frames);
  const auto refuse = [&](const PackedSizes& wrong, ByteView bytes) {
    expect_error(ErrorCode::kCorrupt, "seek table",
                 [&] { (void)parse_seek_table(bytes, wrong, "x"); });
  };
  refuse({sizes.plain + 1, sizes.packed, sizes.table}, table);
  refuse({sizes.plain, sizes.packed + 1, sizes.table}, table);
  refuse({sizes.plain, sizes.packed, sizes.table - 1}, table);
  refuse({sizes.plain, sizes.table - 1, sizes.table}, table);
  refuse({3 * kFrameSize + 7, sizes.packed, sizes.table}, table);
  const std::size_t unused_bits = table.size() - 5;  // a reader must ignore these
  for (std::size_t i = 0; i < table.size(); ++i) {
    Bytes damaged = table;
    damaged[i] ^= std::byte{1};
    if (i != unused_bits) {
      refuse(sizes, damaged);
    }
  }
}

class PackedFileTest : public testing::TestWithParam<FrameForm> {
 protected:
  void SetUp() override {
    if (GetParam() == FrameForm::kZstd && !has_feature("zstd")) {
      GTEST_SKIP() << "a build without zstd";
    }
    plain_ = File::create_new(directory_.path() / "plain");
    bytes_.resize(20 * kFrameSize + 100);
    for (std::size_t i = 0; i < bytes_.size(); ++i) {
      bytes_[i] = static_cast<std::byte>(i * i >> 7);
    }
    std::fill_n(bytes_.begin() + 3 * kFrameSize, kFrameSize, std::byte{0});
    plain_.write_at(0, bytes_);
    File file = File::create_new(directory_.path() / "packed");
    packed_ = pack_file(plain_, file, GetParam(), {}, {});
    stored_ = read_whole_file(file.path(), file.size());
  }

  test::TemporaryDirectory directory_;
  Bytes bytes_;
  File plain_;
  PackedFile packed_;
  Bytes stored_;
};

INSTANTIATE_TEST_SUITE_P(Forms, PackedFileTest,
                         testing::Values(FrameForm::kZstd, FrameForm::kPlain));

TEST_P(PackedFileTest, StatesItsSizesAndDigests) {
  EXPECT_EQ(packed_.sizes.plain, bytes_.size());
  EXPECT_EQ(packed_.sizes.packed, stored_.size());
  EXPECT_EQ(packed_.plain_digest, Sha256::of(bytes_));
  EXPECT_EQ(packed_.digest, Sha256::of(stored_));
  EXPECT_EQ(stored_ == bytes_, GetParam() == FrameForm::kPlain);
}

class FrameUnpackerTest : public PackedFileTest {
 protected:
  ExpectedFrames expected() const {
    return {.frames = parse_seek_table(packed_.seek_table, packed_.sizes, "x"),
            .digests = packed_.frame_digests,
            .subject = "x"};
  }

  File& into() { return into_ = File::create_new(directory_.path() / std::to_string(++count_)); }

  /// Unpacks the file in pieces; returns the digest.
  Sha256Digest unpack(const ExpectedFrames& frames, File& into) const {
    WriteBehind write_behind;
    FileAppender appender(into, write_behind);
    FrameSplitter splitter(frames.frames);
    FrameUnpacker unpacker(frames, appender);
    for (std::size_t at = 0; at < stored_.size(); at += 100'000) {
      splitter.take(
          ByteView(stored_).subspan(at, std::min<std::size_t>(100'000, stored_.size() - at)),
          [&](SharedBytes frame) { unpacker.add(std::move(frame)); });
    }
    EXPECT_TRUE(splitter.is_complete());
    const Sha256Digest digest = unpacker.finish();
    appender.finish();
    return digest;
  }

 private:
  int count_ = 0;
  File into_;
};

INSTANTIATE_TEST_SUITE_P(Packed, FrameUnpackerTest, testing::Values(FrameForm::kZstd));

TEST_P(FrameUnpackerTest, UnpacksByThreads) {
  File& file = into();
  EXPECT_EQ(unpack(expected(), file), packed_.plain_digest);
  EXPECT_TRUE(equal(read_whole_file(file.path(), file.size()), bytes_));
}

TEST_P(FrameUnpackerTest, RejectsAnyWrongFrame) {
  for (std::size_t i = 0; i < packed_.frame_digests.size(); ++i) {
    ExpectedFrames wrong = expected();
    wrong.digests[i][0] ^= std::byte{1};
    expect_error(ErrorCode::kCorrupt, "x: a frame does not have the digest",
                 [&] { (void)unpack(wrong, into()); });
  }
}

// The frames before the first one that was not added may be written.
TEST_P(FrameUnpackerTest, CanBeGivenUp) {
  WriteBehind write_behind;
  FileAppender appender(into(), write_behind);
  const ExpectedFrames frames = expected();
  FrameUnpacker unpacker(frames, appender);
  const ByteView frame = ByteView(stored_).first(frames.frames[0].packed_size);
  const auto first = std::make_shared<const Bytes>(frame.begin(), frame.end());
  unpacker.add({*first, first});
}

}  // namespace
}  // namespace cim::oci
