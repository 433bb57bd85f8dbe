// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
// Objects of equal length and hash: anyone can make them, so each file must keep its bytes.
#include <array>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "cimlib/check.h"
#include "cimlib/image.h"
#include "cimlib/image_writer.h"

#include "colliding_bytes.h"
#include "image/sample_image.h"
#include "temporary_directory.h"

namespace cim {
namespace {

using test::colliding_bytes;
using test::path;
using test::put;

constexpr std::array<std::size_t, 3> kCollidingSizes = {300, 5000, 3 << 20};
constexpr std::uint32_t kFilesOfASize = 5;

class Collisions : public testing::Test {
 protected:
  // Adds files of each size, each with its own number.
  static void fill(ImageWriter& writer, std::uint32_t first) {
    for (const std::size_t size : kCollidingSizes) {
      for (std::uint32_t number = first; number < first + kFilesOfASize; ++number) {
        put(writer, fmt::format("{} {}", size, number), colliding_bytes(size, number));
      }
    }
  }

  static void expect_bytes(const std::filesystem::path& image, std::uint32_t end) {
    const Image opened(image);
    for (const std::size_t size : kCollidingSizes) {
      for (std::uint32_t number = 0; number < end; ++number) {
        const Stream stream =
            opened.open(opened.find(path(fmt::format("{} {}", size, number))).value());
        EXPECT_TRUE(stream.read_all(size) == colliding_bytes(size, number)) << size << number;
      }
    }
    EXPECT_TRUE(check(image, {.depth = CheckDepth::kDeep}).findings.empty());
  }

  std::filesystem::path at(const std::string& name) const { return directory_.path() / name; }

  test::TemporaryDirectory directory_;
};

TEST_F(Collisions, KeepTheirBytesAndAreStillSharedIfEqual) {
  ImageWriter writer(at("a.cim"));
  fill(writer, 0);
  for (const std::size_t size : kCollidingSizes) {
    put(writer, fmt::format("copy of {}", size), colliding_bytes(size, kFilesOfASize - 1));
  }
  EXPECT_EQ(writer.commit().deduplicated_bytes,
            kCollidingSizes[0] + kCollidingSizes[1] + kCollidingSizes[2]);
  expect_bytes(at("a.cim"), kFilesOfASize);
}

TEST_F(Collisions, WithObjectsOfAncestorsKeepTheirBytes) {
  {
    ImageWriter writer(at("a.cim"));
    fill(writer, 0);
    writer.commit();
  }
  ImageWriter fork(at("b.cim"), {.base = at("a.cim")});
  fill(fork, kFilesOfASize);
  EXPECT_EQ(fork.commit().deduplicated_bytes, 0U);
  expect_bytes(at("b.cim"), 2 * kFilesOfASize);
}

// The ids are the same, and so are the tables and the sizes: only the data differs.
TEST_F(Collisions, OfWholeImagesGetNamesOfTheirOwn) {
  const auto write = [&](const std::string& image, std::uint32_t number) {
    ImageWriter writer(at(image), {.reproducible = true});
    put(writer, "file", colliding_bytes(5000, number));
    writer.commit();
    const Image opened(at(image));
    return opened.region_sets().back().guid;
  };
  const Guid first = write("a.cim", 1);
  const Guid second = write("b.cim", 2);
  EXPECT_NE(first, second);
  EXPECT_EQ(write("c.cim", 1), first);
  EXPECT_EQ(write("d.cim", 2), second);
  EXPECT_NE(write("e.cim", 3), second);
  const Image image(at("b.cim"));
  EXPECT_TRUE(image.open(image.find(path("file")).value()).read_all(5000) ==
              colliding_bytes(5000, 2));
}

}  // namespace
}  // namespace cim
