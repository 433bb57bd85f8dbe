// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
// Images whose region set derives its GUID from the content.

#include <map>
#include <vector>

#include <gtest/gtest.h>

#include "cimlib/check.h"
#include "cimlib/gc.h"
#include "cimlib/image.h"
#include "cimlib/image_writer.h"

#include "expect_error.h"
#include "image/sample_image.h"
#include "os/file.h"
#include "temporary_directory.h"

namespace cim {
namespace {

using test::expect_error;
using test::path;
using test::put;

constexpr std::uint64_t kMaxFile = 1U << 20;

class Reproducible : public testing::Test {
 protected:
  static WriterOptions options() { return {.reproducible = true}; }

  static void fill(ImageWriter& writer, std::string_view text = "text") {
    writer.add(path("dir"), test::directory_metadata());
    put(writer, "dir/small", as_bytes(text));
    put(writer, "dir/large", test::pattern(10000));
    writer.add_alternate_stream({path("dir/small"), u"stream"}, 0);
    writer.add_link(path("link"), path("dir/small"));
  }

  static void make(const std::filesystem::path& image, std::string_view text = "text") {
    ImageWriter writer(image, options());
    fill(writer, text);
    writer.commit();
  }

  using Files = std::map<std::string, std::string>;
  static Files files(const std::filesystem::path& directory) {
    Files files;
    for (const auto& entry : std::filesystem::directory_iterator(directory)) {
      const Bytes bytes = read_whole_file(entry.path(), kMaxFile);
      files.emplace(entry.path().filename().string(), as_text(bytes));
    }
    return files;
  }

  std::filesystem::path at(const std::string& name) const { return directory_.path() / name; }
  static Guid own_set(const std::filesystem::path& image) {
    const Image opened(image);
    return opened.region_sets().back().guid;
  }

  test::TemporaryDirectory directory_;
};

TEST_F(Reproducible, WritesTheSameFilesEachTime) {
  const test::TemporaryDirectory other;
  make(at("a.cim"));
  make(other.path() / "a.cim");
  EXPECT_EQ(files(directory_.path()), files(other.path()));
  EXPECT_EQ(files(other.path()).size(), 7U);
  EXPECT_TRUE(check(at("a.cim"), {.depth = CheckDepth::kDeep}).findings.empty());
}

TEST_F(Reproducible, HasAnotherGuidForOtherContent) {
  make(at("a.cim"));
  make(at("b.cim"), "Text");
  EXPECT_NE(own_set(at("a.cim")), own_set(at("b.cim")));
}

TEST_F(Reproducible, ForksDependOnlyOnTheChangesAndTheBase) {
  const test::TemporaryDirectory other;
  make(at("a.cim"));
  make(at("z.cim"), "other");
  make(other.path() / "a.cim");
  std::vector<Guid> guids;
  for (const auto& [base, fork] :
       {std::pair(at("a.cim"), at("b.cim")), std::pair(at("z.cim"), at("y.cim")),
        std::pair(other.path() / "a.cim", other.path() / "b.cim")}) {
    WriterOptions from = options();
    from.base = base;
    ImageWriter writer(fork, from);
    writer.remove(path("link"));
    writer.remove(path("dir/small"));
    put(writer, "dir/new", as_bytes("new"));
    writer.commit();
    guids.push_back(own_set(fork));
  }
  EXPECT_NE(guids[0], guids[1]);
  EXPECT_EQ(guids[0], guids[2]);
}

TEST_F(Reproducible, SharesTheFilesOfAnEqualImage) {
  make(at("a.cim"));
  make(at("b.cim"));
  EXPECT_EQ(files(directory_.path()).size(), 8U);
  destroy_image(at("a.cim"));
  EXPECT_TRUE(check(at("b.cim"), {.depth = CheckDepth::kDeep}).findings.empty());
  EXPECT_TRUE(find_garbage(directory_.path()).empty());
  destroy_image(at("b.cim"));
  EXPECT_TRUE(files(directory_.path()).empty());
}

TEST_F(Reproducible, LeavesNothingWithoutCommit) {
  {
    ImageWriter writer(at("a.cim"), options());
    fill(writer);
    EXPECT_EQ(find_garbage(directory_.path()).size(), 3U);
  }
  EXPECT_TRUE(files(directory_.path()).empty());
}

TEST_F(Reproducible, LeavesNothingIfTheNameExists) {
  {
    ImageWriter writer(at("a.cim"), options());
    fill(writer);
    std::filesystem::create_directory(at("a.cim"));
    expect_error(ErrorCode::kExists, "a.cim", [&] { writer.commit(); });
  }
  std::filesystem::remove(at("a.cim"));
  EXPECT_TRUE(files(directory_.path()).empty());
}

TEST_F(Reproducible, UsesTheGivenGuid) {
  WriterOptions given = options();
  given.region_set = test::kSampleGuid;
  ImageWriter(at("a.cim"), given).commit();
  EXPECT_EQ(own_set(at("a.cim")), test::kSampleGuid);
}

}  // namespace
}  // namespace cim
