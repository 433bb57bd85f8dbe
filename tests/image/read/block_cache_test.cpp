// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "image/read/block_cache.h"

#include <random>
#include <thread>

#include <gtest/gtest.h>

#include "cimlib/error.h"

#include "expect_error.h"
#include "image/read/image_files.h"
#include "image/read/region_files.h"
#include "image/sample_image.h"
#include "temporary_directory.h"

namespace cim {
namespace {

class BlockCacheTest : public testing::Test {
 protected:
  File make(const char* name, const Bytes& bytes) const {
    File file = File::create_new(directory_.path() / name);
    file.write_at(0, bytes);
    return file;
  }

  test::TemporaryDirectory directory_;
};

// The files have more blocks than the cache has places.
TEST_F(BlockCacheTest, ReadsTheBytesOfEachFile) {
  const std::array<Bytes, 2> contents = {test::pattern(9'000'001), test::pattern(70'000, 5)};
  const std::array<File, 2> files = {make("a", contents[0]), make("b", contents[1])};
  BlockCache cache;
  const auto read_anywhere = [&](unsigned seed) {
    std::mt19937 random(seed);
    for (int i = 0; i < 3000; ++i) {
      const std::uint32_t number = i % 3 == 0 ? 1 : 0;
      const Bytes& content = contents[number];
      const std::size_t offset = random() % content.size();
      Bytes bytes(std::min(random() % BlockCache::kLargestRead, content.size() - offset));
      cache.read_at(OpenRegion(files[number]), number, content.size(), offset, bytes);
      ASSERT_TRUE(equal(bytes, ByteView(content).subspan(offset, bytes.size())));
    }
  };
  std::thread other([&] { read_anywhere(2); });
  read_anywhere(1);
  other.join();
}

TEST_F(BlockCacheTest, ReadsWhatCanBeReadOfADamagedBlock) {
  const Bytes content = test::pattern(1000);
  const File file = make("a", content);
  BlockCache cache;
  Bytes bytes(10);
  cache.read_at(OpenRegion(file), 0, 2000, 990, bytes);  // the file was longer once
  EXPECT_TRUE(equal(bytes, ByteView(content).subspan(990)));
  test::expect_error(ErrorCode::kCorrupt, "a",
                     [&] { cache.read_at(OpenRegion(file), 0, 2000, 991, bytes); });
}

// A region of a server that fails.
class FailingRegion final : public RegionSource {
 public:
  std::uint64_t size() const noexcept override { return 2000; }
  std::uint64_t size_without_holes() const noexcept override { return 2000; }
  void read_at(std::uint64_t /*offset*/, std::span<std::byte> /*into*/) const override {
    ++reads;
    throw Error(ErrorCode::kIo, "server", "fails");
  }

  mutable int reads = 0;
};

// A read that failed was repeated as often as the user wants.
TEST_F(BlockCacheTest, ReadsARegionThatIsElsewhereOnlyOnce) {
  const FailingRegion region;
  BlockCache cache;
  Bytes bytes(10);
  for (int expected = 1; expected <= 2; ++expected) {
    test::expect_error(ErrorCode::kIo, "server",
                       [&] { cache.read_at(OpenRegion(region), 0, region.size(), 0, bytes); });
    EXPECT_EQ(region.reads, expected);
  }
}

}  // namespace
}  // namespace cim
