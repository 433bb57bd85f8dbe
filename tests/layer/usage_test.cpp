// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include "cimlib/layer_writer.h"

#include "expect_error.h"
#include "layer_test.h"

namespace cim::layer {
namespace {

using test::expect_error;

class UsageTest : public test::LayerTest {
 protected:
  void make(std::string_view name, std::string_view text,
            const std::vector<LayerPaths>& parents = {}) {
    LayerWriter writer(layer(name), parents);
    writer.add(ImagePath::parse(name), {}, text.size());
    writer.write(std::as_bytes(std::span(text)));
    writer.close();
  }

  /// Returns the size and number of the files of a layer's image, or only of its own.
  Usage image_usage(std::string_view name) const {
    Usage usage;
    for (const ImageFile& file : image_files(cim_path(layer(name)))) {
      if (file.is_own && file.size) {
        usage.size += *file.size;
        ++usage.inodes;
      }
    }
    return usage;
  }
};

TEST_F(UsageTest, CountsTheFilesOfTheImageAndTheDirectory) {
  make("base", std::string(100'000, 'x'));
  const Usage image = image_usage("base");
  std::filesystem::create_directories(layer("base") / "a");
  std::ofstream(layer("base") / "a" / "file") << "12345";
  std::filesystem::create_hard_link(layer("base") / "a" / "file", layer("base") / "again");
  std::filesystem::create_symlink("nowhere", layer("base") / "link");
  const std::uint64_t marker = std::filesystem::file_size(layer("base") / ".cimlib-layer");
  const Usage all = usage(layer("base"));
  EXPECT_GT(image.size, 100'000U);
  EXPECT_EQ(all.size, image.size + 5 + marker);
  EXPECT_EQ(all.inodes, image.inodes + 5);  // two directories, marker, file, link
  EXPECT_EQ(all.shared_size, 0U);
  EXPECT_EQ(all.shared_inodes, 0U);
}

TEST_F(UsageTest, CountsTheFilesOfParentsAsShared) {
  make("base", std::string(100'000, 'x'));
  make("child", "y", {layer("base")});
  const Usage base = image_usage("base");
  const Usage child = usage(layer("child"));
  EXPECT_LT(child.size, base.size);
  EXPECT_EQ(child.shared_size + std::filesystem::file_size(cim_path(layer("base"))), base.size);
  EXPECT_EQ(child.shared_inodes + 1, base.inodes);  // not the filesystem file
}

TEST_F(UsageTest, OfALayerWithoutADirectory) {
  make("base", "x");
  std::filesystem::remove_all(layer("base"));
  EXPECT_EQ(usage(layer("base")).inodes, image_usage("base").inodes);
}

TEST_F(UsageTest, NeedsAReadableImage) {
  expect_error(ErrorCode::kNotFound, "not a layer", [&] { usage(layer("base")); });
  make("base", "x");
  std::ofstream(cim_path(layer("base"))) << "no image";
  expect_error(ErrorCode::kCorrupt, "base.cim", [&] { usage(layer("base")); });
}

}  // namespace
}  // namespace cim::layer
