// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "image/read/image_files.h"

#include <map>
#include <memory>
#include <utility>

#include <gtest/gtest.h>

#include "cimlib/error.h"
#include "cimlib/image.h"

#include "expect_error.h"
#include "image/read/image_reader.h"
#include "image/read/region_files.h"
#include "image/sample_image.h"
#include "temporary_directory.h"

namespace cim {
namespace {

// A region in memory.
class MemoryRegion final : public RegionSource {
 public:
  explicit MemoryRegion(Bytes bytes) : bytes_(std::move(bytes)) {}

  std::uint64_t size() const noexcept override { return bytes_.size(); }
  std::uint64_t size_without_holes() const noexcept override { return bytes_.size(); }
  void read_at(std::uint64_t offset, std::span<std::byte> into) const override {
    if (fails) {
      throw Error(ErrorCode::kIo, "memory", "fails");
    }
    std::copy_n(bytes_.begin() + static_cast<std::ptrdiff_t>(offset), into.size(), into.begin());
  }

  bool fails = false;

 private:
  Bytes bytes_;
};

class MemoryFiles final : public ImageFiles {
 public:
  explicit MemoryFiles(const std::filesystem::path& image)
      : filesystem_(read_whole_file(image, kMaxFilesystemFile)) {
    const Image on_host(image);
    for (const Region& region : on_host.regions()) {
      regions.emplace(region.path.filename().string(),
                      std::make_shared<MemoryRegion>(read_whole_file(region.path, 1U << 30)));
    }
  }

  Bytes filesystem() const override { return filesystem_; }
  std::shared_ptr<const RegionSource> region(const std::string& name) const override {
    const auto found = regions.find(name);
    if (found == regions.end()) {
      throw Error(ErrorCode::kNotFound, name, "is missing");
    }
    return found->second;
  }

  std::map<std::string, std::shared_ptr<MemoryRegion>> regions;

 private:
  Bytes filesystem_;
};

Image open(const MemoryFiles& files) {
  return image_of(std::make_shared<const ImageReader>(files, "memory"));
}

class ImageFilesTest : public testing::Test {
 protected:
  ImageFilesTest() : path_(directory_.path() / "image.cim") { test::write_sample_image(path_); }

  test::TemporaryDirectory directory_;
  std::filesystem::path path_;
};

TEST_F(ImageFilesTest, GiveTheSameImage) {
  const Image image(path_);
  const Image elsewhere = open(MemoryFiles(path_));
  EXPECT_EQ(elsewhere.path(), "memory");
  std::size_t files = 0;
  image.walk({}, [&](const WalkEntry& entry) {
    const auto found = elsewhere.find(entry.path);
    EXPECT_EQ(found, entry.info.id);
    if (!entry.info.is_directory()) {
      ++files;
      EXPECT_EQ(elsewhere.open(*found).read_all(1U << 30),
                image.open(entry.info.id).read_all(1U << 30));
    }
    return true;
  });
  EXPECT_GT(files, 0U);
  test::expect_error(ErrorCode::kUnsupported, "not on this host",
                     [&] { (void)elsewhere.region_descriptor(0); });
}

TEST_F(ImageFilesTest, MayFailLater) {
  const MemoryFiles files(path_);
  const Image image = open(files);
  for (const auto& [name, region] : files.regions) {
    region->fails = true;
  }
  test::expect_error(ErrorCode::kIo, "fails", [&] {
    for (FileId id = 1; id <= image.max_file_id(); ++id) {
      if (!image.info(id).is_directory()) {
        (void)image.open(id).read_all(1U << 30);
      }
    }
  });
}

TEST_F(ImageFilesTest, MayLackARegion) {
  MemoryFiles files(path_);
  const std::string first = files.regions.begin()->first;
  const Image on_host(path_);
  const bool is_metadata = on_host.regions().front().type == RegionType::kMetadata;
  files.regions.erase(first);
  if (is_metadata) {
    test::expect_error(ErrorCode::kNotFound, "missing", [&] { (void)open(files); });
  } else {
    const Image image = open(files);
    EXPECT_FALSE(image.regions().front().is_usable);
  }
}

}  // namespace
}  // namespace cim
