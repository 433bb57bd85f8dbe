// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
// Files and directories that get other names. Random sequences of renames and all other operations
// are in model_test.cpp.

#include <string>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "cimlib/check.h"
#include "cimlib/image.h"
#include "cimlib/image_writer.h"

#include "expect_error.h"
#include "image/sample_image.h"
#include "temporary_directory.h"

namespace cim {
namespace {

using test::directory_metadata;
using test::expect_error;
using test::path;
using test::put;

class Rename : public testing::Test {
 protected:
  Rename() {
    ImageWriter writer(base_);
    for (const char* const name : {"a", "a/b", "a/b/c", "d"}) {
      writer.add(path(name), directory_metadata());
    }
    for (int i = 0; i < 3000; ++i) {
      put(writer, fmt::format("a/b/{}", i), as_bytes("text"));
    }
    writer.add_link(path("d/linked"), path("a/b/1"));
    writer.commit();
  }

  ImageWriter start() { return ImageWriter(fork_, {.base = base_}); }
  static FileId id(const Image& image, std::string_view name) {
    return image.find(path(name)).value();
  }
  void expect_clean() const { EXPECT_TRUE(check(fork_, {.depth = CheckDepth::kDeep}).is_clean()); }

  test::TemporaryDirectory directory_;
  std::filesystem::path base_ = directory_.path() / "base.cim";
  std::filesystem::path fork_ = directory_.path() / "fork.cim";
};

TEST_F(Rename, MovesADirectoryWithEverythingBelow) {
  ImageWriter writer = start();
  writer.rename(path("a/b"), path("d/new"));
  EXPECT_LT(writer.commit().stored_bytes,
            250'000U);  // file tables of two records, no names of files
  const Image image(fork_);
  EXPECT_EQ(image.info(id(image, "d/new")).parent, id(image, "d"));
  EXPECT_EQ(id(image, "d/linked"), id(image, "d/new/1"));
  EXPECT_TRUE(image.find(path("d/new/2999")));
  EXPECT_FALSE(image.find(path("a/b")));
  expect_clean();
}

TEST_F(Rename, KeepsWhatWasMovedBeforeItsOldPlaceIsRemoved) {
  ImageWriter writer = start();
  put(writer, "a/b/c/new", as_bytes("new"));
  writer.rename(path("a/b/c"), path("moved"));
  writer.rename(path("a/b/2"), path("d/file"));
  writer.remove(path("a"));
  put(writer, "moved/other", as_bytes("other"));
  writer.commit();
  const Image image(fork_);
  EXPECT_TRUE(image.find(path("moved/new")));
  EXPECT_TRUE(image.find(path("moved/other")));
  EXPECT_EQ(image.info(id(image, "d/file")).parent, id(image, "d"));
  EXPECT_EQ(image.info(id(image, "d/linked")).parent, id(image, "d"));
  expect_clean();
}

TEST_F(Rename, MovesIntoANewDirectoryWhoseNumberChanges) {
  ImageWriter writer = start();
  put(writer, "passing", as_bytes("its number goes to the next"));
  writer.add(path("new"), directory_metadata());
  writer.rename(path("a"), path("new/a"));
  writer.rename(path("new"), path("newer"));
  writer.remove(path("passing"));
  writer.commit();
  const Image image(fork_);
  EXPECT_EQ(image.info(id(image, "newer/a")).parent, id(image, "newer"));
  EXPECT_TRUE(image.find(path("newer/a/b/7")));
  expect_clean();
}

TEST_F(Rename, ChangesTheSpelling) {
  ImageWriter writer = start();
  writer.rename(path("a"), path("A"));
  writer.rename(path("A/b/1"), path("a/B/1"));  // nothing changes
  writer.commit();
  const Image image(fork_);
  EXPECT_TRUE(image.find_child(image.root(), u"A", NameMatch::kExact));
  EXPECT_TRUE(image.find_child(id(image, "a"), u"b", NameMatch::kExact));
  expect_clean();
}

TEST_F(Rename, RefusesWhatIsImpossibleAndGoesOn) {
  ImageWriter writer = start();
  expect_error(ErrorCode::kInvalidArgument, "", [&] { writer.rename(path(""), path("x")); });
  expect_error(ErrorCode::kInvalidArgument, "", [&] { writer.rename(path("a"), path("")); });
  expect_error(ErrorCode::kInvalidArgument, "", [&] { writer.rename(path("a"), path("A/b/x")); });
  expect_error(ErrorCode::kNotFound, "", [&] { writer.rename(path("x"), path("y")); });
  expect_error(ErrorCode::kNotFound, "", [&] { writer.rename(path("a"), path("x/y")); });
  expect_error(ErrorCode::kInvalidArgument, "",
               [&] { writer.rename(path("a"), path("d/linked/x")); });
  expect_error(ErrorCode::kExists, "", [&] { writer.rename(path("a"), path("D")); });
  writer.rename(path("a"), path("x"));
  writer.commit();
  expect_clean();
}

}  // namespace
}  // namespace cim
