// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
// Checking images that are sound, and images that cannot be looked at.

#include "cimlib/check.h"

#include <fstream>
#include <set>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cimlib/image.h"

#include "base/file.h"
#include "expect_error.h"
#include "image/region_files.h"
#include "image/sample_image.h"
#include "temporary_directory.h"

namespace cim {
namespace {

using test::expect_error;
using test::path;
using test::put;

std::string text_of(const CheckReport& report) {
  std::string text;
  for (const Finding& finding : report.findings) {
    text += to_string(finding) + "\n";
  }
  return text;
}

CheckReport check_deep(const std::filesystem::path& image) {
  return check(image, {.depth = CheckDepth::kDeep});
}

TEST(Check, FindsNothingInASoundImageAndCounts) {
  const test::TemporaryDirectory directory;
  const auto image = directory.path() / "sample.cim";
  test::write_sample_image(image);
  const CheckReport report = check_deep(image);
  EXPECT_TRUE(report.is_clean());
  EXPECT_EQ(text_of(report), "");
  EXPECT_EQ(report.directories, 3U);
  EXPECT_EQ(report.files, 8U);
  EXPECT_EQ(report.hard_linked_files, 1U);
  EXPECT_EQ(report.names, 11U);
  EXPECT_EQ(report.streams, 2U);
  EXPECT_GT(report.verified_objects, 5U);
  EXPECT_GT(report.verified_bytes, 5000U + 0x4100 + 4096);
}

TEST(Check, FindsNothingInForksButWhatTheyRemoved) {
  const test::TemporaryDirectory directory;
  const auto base = directory.path() / "base.cim";
  const auto fork = directory.path() / "fork.cim";
  test::write_sample_image(base);
  {
    ImageWriter writer(fork, {.base = base});
    put(writer, "Files/small.txt", as_bytes("changed"));
    put(writer, "Files/new.txt", as_bytes("new"));
    writer.create_stream(path("Files/page.bin"), u"s", 1);
    writer.write(as_bytes("x"));
    writer.remove(path("Files/eas"));
    writer.remove(path("Files/empty"));
    writer.commit();
  }
  const CheckReport report = check_deep(fork);
  EXPECT_TRUE(report.is_clean()) << text_of(report);
  EXPECT_THAT(text_of(report), testing::HasSubstr("2 records of files that no name leads to"));
  EXPECT_EQ(report.notes, 1U);
  EXPECT_EQ(text_of(check_deep(base)), "");
}

}  // namespace
}  // namespace cim
