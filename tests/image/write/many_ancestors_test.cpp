// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "cimlib/image.h"
#include "cimlib/image_writer.h"

#include "base/bytes.h"
#include "descriptor_limit.h"
#include "image/sample_image.h"
#include "temporary_directory.h"

namespace cim {
namespace {

using test::path;
using test::pattern;
using test::put;

// If objects are shared as intended, an ancestor costs nothing and a fork stays small.
TEST(ForkOfManyAncestors, IsWrittenWithFewDescriptorsAndSharesObjects) {
  const test::TemporaryDirectory directory;
  const auto image = directory.path() / "a.cim";
  ImageWriter(image, {}).commit();
  const test::DescriptorLimit limit(320);
  constexpr unsigned kEdits = 400;
  for (unsigned edit = 0; edit < kEdits; ++edit) {
    ImageWriter writer(image, {.base = image});
    put(writer, fmt::format("{}", edit), pattern(5000, edit));
    writer.commit();
  }
  ImageWriter writer(image, {.base = image});
  for (unsigned edit = 0; edit < kEdits; edit += 7) {
    put(writer, fmt::format("again {}", edit), pattern(5000, edit));
    writer.remove(path(fmt::format("{}", (edit + 1) % kEdits)));
  }
  const CommitSummary summary = writer.commit();
  EXPECT_EQ(summary.deduplicated_bytes, (kEdits + 6) / 7 * 5000);
  const Image edited(image);
  Bytes bytes(5000);
  edited.open(edited.find(path("again 343")).value()).read(0, bytes);
  EXPECT_TRUE(bytes == pattern(5000, 343));
}

}  // namespace
}  // namespace cim
