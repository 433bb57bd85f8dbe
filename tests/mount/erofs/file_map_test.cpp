// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
// The blocks to which a file is mapped.
#include "mount/erofs/file_map.h"

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <optional>
#include <tuple>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cimlib/error.h"

#include "expect_error.h"
#include "mount/erofs/builder.h"
#include "mount/mounted_image.h"
#include "temporary_directory.h"

namespace cim::mount::erofs {
namespace {

using test::expect_error;
using testing::ElementsAre;

/// Device number and block.
using Index = std::tuple<unsigned, std::uint32_t>;

constexpr Index kZeros = {0, kHole};
constexpr std::uint32_t kCopy = 77;

class ErofsFileMap : public testing::Test {
 protected:
  ErofsFileMap() {
    ImageWriter writer(path());
    test::put(writer, "file", test::pattern_text(300'000));
    writer.commit();
    image_.emplace(path());
    devices_.emplace(*image_, kBlockBits);
    data_ = devices_->region(0);
  }

  std::filesystem::path path() const { return directory_.path() / "image.cim"; }

  std::optional<FileMap> map(const std::vector<Extent>& extents) const {
    return FileMap::make(extents, *devices_, kBlockBits, "file");
  }

  static std::vector<Index> indexes_of(const FileMap& map) {
    const Bytes bytes = map.encode(kCopy);
    std::vector<Index> indexes;
    for (std::size_t i = 0; i < bytes.size(); i += sizeof(DiskChunkIndex)) {
      DiskChunkIndex index;
      std::memcpy(&index, &bytes[i], sizeof index);
      EXPECT_EQ(index.block_high, 0U);
      indexes.emplace_back(index.device, index.block);
    }
    return indexes;
  }

  test::TemporaryDirectory directory_;
  std::optional<Image> image_;
  std::optional<Devices> devices_;
  std::uint32_t data_ = 0;  // the region that is device 1
};

TEST_F(ErofsFileMap, HasOneChunkForOneExtent) {
  const std::vector<Extent> extents = {{0, 5000, data_, 4096}};
  const auto made = map(extents);
  ASSERT_TRUE(made);
  EXPECT_EQ(made->chunk_size(), 8192U);
  EXPECT_THAT(indexes_of(*made), ElementsAre(Index(1, 8)));
  EXPECT_FALSE(made->is_last_copied());
}

TEST_F(ErofsFileMap, MapsZerosToAHole) {
  const std::vector<Extent> extents = {{0, 10'000, 0, 0}};
  const auto made = map(extents);
  ASSERT_TRUE(made);
  EXPECT_THAT(indexes_of(*made), ElementsAre(kZeros));
}

TEST_F(ErofsFileMap, ChunkBoundariesMatchTheSectionsOfAnExecutable) {
  const std::vector<Extent> extents = {
      {0, 0x400, data_, 0x1000}, {0x400, 0xC00, 0, 0}, {0x1000, 0x900, data_, 0x1600}};
  const auto made = map(extents);
  ASSERT_TRUE(made);
  EXPECT_EQ(made->chunk_size(), 0x400U);
  EXPECT_EQ(made->count(), 7U);
  EXPECT_THAT(indexes_of(*made), ElementsAre(Index(1, 8), kZeros, kZeros, kZeros, Index(1, 11),
                                             Index(1, 13), Index(1, 15)));
}

TEST_F(ErofsFileMap, RejectsExtentsThatAreNotBlockAligned) {
  EXPECT_FALSE(map({{0, 5000, data_, 4096 + 16}}));
  EXPECT_FALSE(map({{0, 0x300, data_, 0x1000}, {0x300, 0x100, data_, 0x2000}}));
}

TEST_F(ErofsFileMap, RejectsExtentsOutsideDevices) {
  const auto& regions = image_->regions();
  const auto small = std::ranges::find(regions, RegionType::kSmallData, &Region::type);
  ASSERT_NE(small, regions.end());
  EXPECT_FALSE(map({{0, 100, static_cast<std::uint32_t>(small - regions.begin()), 4096}}));
}

TEST_F(ErofsFileMap, RejectsTooManyChunks) {
  const std::uint64_t much = (FileMap::kMaxChunks + 1) << kBlockBits;
  const std::vector<Extent> extents = {{0, 512, data_, 4096}, {512, much, 0, 0}};
  expect_error(ErrorCode::kLimit, "chunks", [&] { map(extents); });
}

TEST_F(ErofsFileMap, CopiesTheLastChunkIfTheRegionEndsInsideItsBlock) {
  const Stream stream = image_->open(*image_->find(test::path("file")));
  const Extent& last = stream.extents().back();
  std::filesystem::resize_file(image_->regions()[data_].path, last.region_offset + last.size);
  const Image cut(path());
  const Devices devices(cut, kBlockBits);
  const auto made = FileMap::make(stream.extents(), devices, kBlockBits, "file");
  ASSERT_TRUE(made);
  EXPECT_TRUE(made->is_last_copied());
  EXPECT_EQ(made->chunk_size(), 65536U);
  const auto first = static_cast<std::uint32_t>(last.region_offset >> kBlockBits);
  EXPECT_THAT(indexes_of(*made),
              ElementsAre(Index(1, first), Index(1, first + 128), Index(1, first + 256),
                          Index(1, first + 384), Index(0, kCopy)));
}

}  // namespace
}  // namespace cim::mount::erofs
