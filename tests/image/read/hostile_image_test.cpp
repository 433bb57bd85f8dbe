// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
// Reading a damaged image returns a result or an error and never crashes.

#include <fstream>
#include <thread>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "cimlib/image.h"
#include "cimlib/image_writer.h"

#include "expect_error.h"
#include "image/read/region_files.h"
#include "image/read_everything.h"
#include "image/sample_image.h"
#include "os/file.h"
#include "temporary_directory.h"

namespace cim {
namespace {

using test::expect_error;
using test::path;
using test::read_everything;

void write_file(const std::filesystem::path& path, ByteView bytes) {
  std::ofstream(path, std::ios::binary | std::ios::trunc)
      .write(as_text(bytes).data(), static_cast<std::streamsize>(bytes.size()));
}

class HostileImage : public testing::Test {
 protected:
  HostileImage() { test::write_sample_image(image_); }

  std::filesystem::path region(unsigned index) const {
    return directory_.path() / region_file_name(test::kSampleGuid, index);
  }
  void spoil(const std::filesystem::path& file, std::size_t offset, unsigned value) {
    Bytes bytes = read_whole_file(file, 1 << 24);
    bytes.at(offset) = std::byte(value);
    write_file(file, bytes);
  }

  test::TemporaryDirectory directory_;
  std::filesystem::path image_ = directory_.path() / "sample.cim";
};

TEST_F(HostileImage, WithAnyFlippedByteOfTheHeaderIsReadOrRefused) {
  const Bytes good = read_whole_file(image_, 1 << 20);
  for (std::size_t i = 0; i < good.size(); ++i) {
    Bytes bytes = good;
    bytes[i] ^= std::byte{0xFF};
    write_file(image_, bytes);
    read_everything(image_);
    write_file(image_, ByteView(good).first(i));
    expect_error(ErrorCode::kCorrupt, "sample.cim", [this] { Image image(image_); });
  }
}

TEST_F(HostileImage, WithAnyFlippedByteOfTheMetadataIsReadOrRefused) {
  const Bytes good = read_whole_file(region(0), 1 << 24);
  const auto upcase_size = std::size_t{2} * 65536;
  ASSERT_GT(good.size(), upcase_size);
  for (std::size_t i = 0; i < good.size(); i += (i > 3000 && i + 1500 < good.size()) ? 997U : 1U) {
    Bytes bytes = good;
    bytes[i] ^= std::byte{0x55};
    write_file(region(0), bytes);
    read_everything(image_);
  }
}

TEST_F(HostileImage, WithTruncatedRegionsIsReadOrRefused) {
  for (unsigned r = 0; r < 3; ++r) {
    const Bytes good = read_whole_file(region(r), 1 << 24);
    for (std::size_t size = 0; size < good.size(); size += size < 100 ? 1U : good.size() / 37 + 1) {
      write_file(region(r), ByteView(good).first(size));
      read_everything(image_);
    }
    write_file(region(r), good);
  }
}

TEST_F(HostileImage, WithoutItsMetadataNamesTheMissingFile) {
  std::filesystem::remove(region(0));
  expect_error(ErrorCode::kNotFound, region(0).string(), [this] { Image image(image_); });
}

TEST_F(HostileImage, WithoutADataRegionShowsEverythingElse) {
  std::filesystem::remove(region(1));
  const Image image(image_);
  EXPECT_TRUE(image.find(path("Files/page.bin")));
  EXPECT_FALSE(image.regions()[1].is_usable);
  const Stream small = image.open(*image.find(path("Files/small.txt")));
  Bytes bytes(5);
  EXPECT_EQ(small.read(0, bytes), 5U);
  EXPECT_EQ(as_text(bytes), "small");
  expect_error(ErrorCode::kNotFound, region(1).string(),
               [&] { static_cast<void>(image.open(*image.find(path("Files/page.bin")))); });
  expect_error(ErrorCode::kNotFound, region(1).string(),
               [&] { static_cast<void>(image.region_descriptor(1)); });
}

TEST_F(HostileImage, WithSwappedRegionsReadsNothingFromThem) {
  std::filesystem::copy_file(region(0), region(1),
                             std::filesystem::copy_options::overwrite_existing);
  const auto read_page = [this] {
    const Image image(image_);
    static_cast<void>(image.open(*image.find(path("Files/page.bin"))));
  };
  expect_error(ErrorCode::kCorrupt, "the header states region 0", read_page);
  spoil(region(1), 32, 1);
  spoil(region(1), 34, 7);
  expect_error(ErrorCode::kUnsupported, "region type 7", read_page);
}

TEST_F(HostileImage, DoesNotFollowALinkInPlaceOfARegion) {
  const auto elsewhere = directory_.path() / "elsewhere";
  std::filesystem::rename(region(1), elsewhere);
  std::filesystem::create_symlink(elsewhere, region(1));
  const Image image(image_);
  expect_error(ErrorCode::kInvalidArgument, "is a symbolic link",
               [&] { static_cast<void>(image.open(*image.find(path("Files/page.bin")))); });
}

TEST_F(HostileImage, WithMoreRegionsThanStayOpenIsReadByManyThreads) {
  constexpr int kForks = 90;
  for (int i = 0; i < kForks; ++i) {
    ImageWriter writer(image_, {.base = image_});
    test::put(writer, fmt::format("Files/{}", i), as_bytes(fmt::format("content {}", i)));
    writer.commit();
  }
  const Image image(image_);
  ASSERT_EQ(image.regions().size(), 3U * (kForks + 1));
  std::vector<std::jthread> readers;
  for (int t = 0; t < 3; ++t) {
    readers.emplace_back([&image] {
      for (int i = 0; i < kForks; ++i) {
        const std::string expected = fmt::format("content {}", i);
        Bytes bytes(expected.size());
        image.open(image.find(path(fmt::format("Files/{}", i))).value()).read(0, bytes);
        EXPECT_EQ(as_text(bytes), expected);
      }
    });
  }
  readers.clear();
  EXPECT_GE(image.region_descriptor(0), 0);
}

TEST_F(HostileImage, TruncatedWhileItIsReadIsAnError) {
  const Image image(image_);
  const Stream stream = image.open(*image.find(path("Files/page.bin")));
  std::filesystem::resize_file(region(1), 40);
  Bytes bytes(100);
  expect_error(ErrorCode::kCorrupt, "the file ends after 0", [&] { stream.read(0, bytes); });
}

TEST_F(HostileImage, ThatIsNotAnImageIsRefused) {
  write_file(image_, as_bytes(std::string(100, 'x')));
  expect_error(ErrorCode::kCorrupt, "not a CIM file", [this] { Image image(image_); });
  std::filesystem::remove(image_);
  expect_error(ErrorCode::kNotFound, "No such file", [this] { Image image(image_); });
  expect_error(ErrorCode::kInvalidArgument, "not a regular file",
               [this] { Image image(directory_.path()); });
}

}  // namespace
}  // namespace cim
