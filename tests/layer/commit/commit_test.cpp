// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include <string>

#include <gmock/gmock.h>
#include <unistd.h>

#include "cimlib/layer_export.h"

#include "layer/commit/commit_fixture.h"

namespace cim::layer {
namespace {

using test::expect_error;
using testing::ElementsAre;

TEST_F(CommitTest, WithoutChangesHasWhatTheParentHas) {
  copied(upper_ / "Files");
  commit();
  EXPECT_THAT(paths(), ElementsAre("\\d", "\\d\\a", "\\d\\b", "\\d\\e", "\\d\\e\\deep", "\\f",
                                   "\\link", "\\ro"));
  EXPECT_EQ(descriptor("Files"), descriptor_);
}

TEST_F(CommitTest, AcceptsTheDirectoryOfAWritableMount) {
  put("Files/n");
  std::filesystem::create_directory(upper_.parent_path() / "work");
  layer::commit(upper_.parent_path(), layer("new"), {layer("base")});
  EXPECT_EQ(text_in(layer("new"), "Files/n"), "new");
}

TEST_F(CommitTest, EntriesOfOtherKindsReplace) {
  put("Files/d", "a file now");
  put("Files/f/inside");
  std::filesystem::create_directory_symlink("d", upper_ / "Files/ro");
  commit();
  EXPECT_EQ(text_in(layer("new"), "Files/d"), "a file now");
  EXPECT_THAT(paths(), ElementsAre("\\d", "\\f", "\\f\\inside", "\\link", "\\ro"));
}

TEST_F(CommitTest, HolesAreZeros) {
  std::filesystem::resize_file(put("Files/end", "x"), 1 << 20);
  std::filesystem::resize_file(put("Files/all", ""), 1 << 20);
  commit();
  EXPECT_EQ(text_in(layer("new"), "Files/end"), "x" + std::string((1 << 20) - 1, '\0'));
  EXPECT_EQ(text_in(layer("new"), "Files/all"), std::string(1 << 20, '\0'));
}

TEST_F(CommitTest, NamesThatDifferInCase) {
  put("Files/F");
  refuse(ErrorCode::kUnsupported, "the same name, ignoring case");
  put("Files/D/n");
  refuse(ErrorCode::kUnsupported, "the same name, ignoring case");
  put("Files/n");
  put("Files/N");
  refuse(ErrorCode::kUnsupported, "the same name, ignoring case");
  put("files/n");
  refuse(ErrorCode::kUnsupported, "the same name, ignoring case");
  put("Files/.wh.f", "");
  put("Files/F");
  commit();
  EXPECT_THAT(paths(), ElementsAre("\\d", "\\d\\a", "\\d\\b", "\\d\\e", "\\d\\e\\deep", "\\F",
                                   "\\link", "\\ro"));
}

TEST_F(CommitTest, RefusesWhatALayerCannotHave) {
  device("Files/pipe", S_IFIFO);
  refuse(ErrorCode::kUnsupported, "neither a file nor a directory");
  device("Files/socket", S_IFSOCK);
  refuse(ErrorCode::kUnsupported, "neither a file nor a directory");
  put("Files/a:b");
  refuse(ErrorCode::kUnsupported, "alternate stream");
  put("Files/a\\b");
  refuse(ErrorCode::kInvalidArgument, "a\\b");
  put("Files/\xFF");
  refuse(ErrorCode::kInvalidArgument, "UTF-8");
  put("tmp/n");
  refuse(ErrorCode::kInvalidArgument, "nothing but Files, Hives and UtilityVM");
  put("Files");
  put("layout");
  refuse(ErrorCode::kInvalidArgument, "nothing but Files, Hives and UtilityVM");
  put("Hives/SYSTEM_BASE");
  refuse(ErrorCode::kInvalidArgument, "SYSTEM_BASE");
  set(put("Files/n"), "user.a/b", "");
  refuse(ErrorCode::kInvalidArgument, "n:a/b");
  const auto both = put("Files/n");
  set(both, "user.a", "");
  set(both, "user.A", "");
  refuse(ErrorCode::kUnsupported, "another stream has the same name");
}

TEST_F(CommitAsRoot, RefusesDevices) {
  device(std::string_view("Files/null"), S_IFBLK);
  refuse(ErrorCode::kUnsupported, "neither a file nor a directory");
  std::filesystem::remove(upper_ / "Files");
  device("Files");
  refuse(ErrorCode::kCorrupt, "a whiteout; only files below Files");
}

TEST_F(CommitTest, RefusesReferencesToTheImage) {
  std::filesystem::create_directory(upper_ / "Files/moved");
  set(upper_ / "Files/moved", "user.overlay.redirect", "/Files/d");
  refuse(ErrorCode::kUnsupported, "redirect_dir=off");
  set(put("Files/f", ""), "user.overlay.metacopy", "");
  refuse(ErrorCode::kUnsupported, "metacopy=off");
}

TEST_F(CommitTest, ReportsAttributesThatAnImageCannotStore) {
  if (::geteuid() != 0) {
    GTEST_SKIP() << "only root can set attributes other than user.*";
  }
  set(put("Files/n"), "trusted.other", "x");
  set(put("Files/m"), "trusted.other", "x");
  const CommitResult result = commit();
  EXPECT_EQ(result.foreign_attributes.at("trusted.other"), 2U);
  EXPECT_THAT(warnings_, ElementsAre(testing::HasSubstr("2 of its entries")));
}

TEST_F(CommitTest, WarnsOfReplacedHives) {
  put("Files/Windows/System32/config/SAM");
  commit();
  EXPECT_THAT(warnings_, testing::Contains(testing::HasSubstr("replaces a registry hive")));
}

TEST_F(CommitTest, RequiresAParentAndADirectory) {
  expect_error(ErrorCode::kInvalidArgument, "needs the layers",
               [&] { layer::commit(upper_, layer("new"), {}); });
  expect_error(ErrorCode::kNotFound, "not a directory",
               [&] { layer::commit(upper_ / "none", layer("new"), {layer("base")}); });
  expect_error(ErrorCode::kNotFound, "not a layer",
               [&] { layer::commit(upper_, layer("new"), {layer("other")}); });
}

TEST_F(CommitTest, StopsOnRequest) {
  put("Files/n");
  std::stop_source stop;
  stop.request_stop();
  expect_error(ErrorCode::kCancelled, "cancelled", [&] { commit({.stop = stop.get_token()}); });
  EXPECT_FALSE(is_cim_layer(layer("new")));
}

TEST_F(CommitTest, ExportsLikeAnyOtherLayer) {
  put("Files/d/n");
  put("Files/.wh.f", "");
  copied(put("Files/ro"));
  commit();
  const auto tar = directory_.path() / "new.tar";
  export_tar(layer("new"), tar, {.parents = {layer("base")}});
  import_tar(tar, layer("again"), {layer("base")});
  EXPECT_EQ(text_in(layer("again"), "Files/d/n"), "new");
  EXPECT_EQ(text_in(layer("again"), "Files/ro"), "new");
  EXPECT_EQ(text_in(layer("again"), "Files/f"), "(none)");
  EXPECT_EQ(text_in(layer("again"), "Files/d/a"), "old");
}

}  // namespace
}  // namespace cim::layer
