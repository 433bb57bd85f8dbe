// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
// Whiteouts and opaque directories in all forms.
#include <gmock/gmock.h>
#include <sys/xattr.h>

#include "layer/commit/commit_fixture.h"

namespace cim::layer {
namespace {

using testing::ElementsAre;

TEST_F(CommitTest, WhiteoutFilesHide) {
  put("Files/d/.wh.a", "");
  put("Files/.wh.ro", "");
  put("Files/.wh.missing", "");
  put("Files/.wh.F", "");  // hides nothing, since names match exactly
  EXPECT_EQ(commit().removed, 2U);
  EXPECT_THAT(paths(), ElementsAre("\\d", "\\d\\b", "\\d\\e", "\\d\\e\\deep", "\\f", "\\link"));
}

TEST_F(CommitTest, WhiteoutAttributesHide) {
  set(put("Files/d/e", ""), "user.overlay.whiteout", "");
  set(upper_ / "Files/d", "user.overlay.opaque", "x");
  commit();
  EXPECT_THAT(paths(), ElementsAre("\\d", "\\d\\a", "\\d\\b", "\\f", "\\link", "\\ro"));
}

TEST_F(CommitAsRoot, WhiteoutDevicesHide) {
  device("Files/d");
  device("Files/f");
  EXPECT_EQ(commit().removed, 2U);
  EXPECT_THAT(paths(), ElementsAre("\\link", "\\ro"));
}

TEST_F(CommitTest, OpaqueDirectoriesHaveOnlyTheirOwnEntries) {
  put("Files/d/n");
  for (const char* const name : {"user.overlay.opaque", "user.fuseoverlayfs.opaque", ""}) {
    if (*name == '\0') {
      put("Files/d/.wh..wh..opq", "");
    } else {
      set(upper_ / "Files/d", name, "y");
    }
    commit();
    EXPECT_THAT(paths(), ElementsAre("\\d", "\\d\\n", "\\f", "\\link", "\\ro")) << name;
    EXPECT_NE(descriptor("Files/d"), descriptor_) << "it is a new directory";
    if (*name != '\0') {
      ASSERT_EQ(::removexattr((upper_ / "Files/d").c_str(), name), 0);
    }
    destroy(layer("new"));
  }
}

TEST_F(CommitTest, RootOfTheDriveCanBeOpaque) {
  put("Files/n");
  set(upper_ / "Files", "user.overlay.opaque", "y");
  commit();
  EXPECT_THAT(paths(), ElementsAre("\\n"));
}

TEST_F(CommitAsRoot, AttributesOfTheOtherKindOfOverlayHaveNoMeaning) {
  set(upper_, "trusted.overlay.impure", "y");
  put("Files/d/n");
  set(upper_ / "Files/d", "user.overlay.opaque", "y");
  commit();
  EXPECT_EQ(text_in(layer("new"), "Files/d/a"), "old");
  destroy(layer("new"));
  set(upper_ / "Files/d", "trusted.overlay.opaque", "y");
  commit();
  EXPECT_EQ(text_in(layer("new"), "Files/d/a"), "(none)");
}

TEST_F(CommitTest, RefusesWhiteoutsThatNoLayerMayHave) {
  put(".wh.Files", "");
  refuse(ErrorCode::kCorrupt, "a whiteout; only files below Files");
  put(".wh..wh..opq", "");
  refuse(ErrorCode::kCorrupt, "opaque");
  put("Hives/.wh.x", "");
  refuse(ErrorCode::kCorrupt, "a whiteout; only files below Files");
  for (const char* const name : {"Files/.wh.", "Files/.wh..", "Files/.wh...", "Files/.wh..wh.x"}) {
    put(name, "");
    refuse(ErrorCode::kInvalidArgument, "this hides none");
  }
  std::filesystem::create_directory(upper_ / "Files/.wh.f");
  refuse(ErrorCode::kUnsupported, "not a plain file");
}

}  // namespace
}  // namespace cim::layer
