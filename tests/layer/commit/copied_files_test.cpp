// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
// Files that the overlay copied from the parent, and those that it did not.
#include <array>
#include <string>

#include <fcntl.h>
#include <gmock/gmock.h>
#include <sys/stat.h>

#include "layer/commit/commit_fixture.h"

namespace cim::layer {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST_F(CommitTest, CopiedFileKeepsWhatTheCopyDoesNotSay) {
  const auto file = put("Files/f", "changed");
  copied(file);
  set(file, "user.zone", "kept");
  commit();
  EXPECT_EQ(text_in(layer("new"), "Files/f"), "changed");
  EXPECT_EQ(descriptor("Files/f"), descriptor_);
  EXPECT_EQ(info("Files/f").attributes, attribute::kHidden | attribute::kArchive);
  EXPECT_EQ(info("Files/f").times.creation, kTimes.creation);
  EXPECT_GT(info("Files/f").times.last_write, kTimes.last_write);
  EXPECT_THAT(streams("Files/f"), ElementsAre("overlay.hidden", "zone"));
}

TEST_F(CommitTest, CopiedFileWithTheSameTimeKeepsAllTimesAndAttributes) {
  const auto file = put("Files/ro", "old");
  copied(file);
  const UnixTime written = kTimes.last_write.to_unix();
  const std::array<timespec, 2> times = {
      {{.tv_sec = 1, .tv_nsec = 0},
       {.tv_sec = written.seconds, .tv_nsec = static_cast<long>(written.nanoseconds)}}};
  ASSERT_EQ(::utimensat(AT_FDCWD, file.c_str(), times.data(), 0), 0);
  ASSERT_EQ(::chmod(file.c_str(), 0555), 0);
  commit();
  EXPECT_EQ(info("Files/ro").times, kTimes);
  EXPECT_EQ(info("Files/ro").attributes, attribute::kReadOnly | attribute::kSystem);
}

TEST_F(CommitTest, WritePermissionDecidesTheReadOnlyAttribute) {
  const auto writable = put("Files/ro");
  copied(writable);
  const auto other = put("Files/d/a");
  copied(other);
  ASSERT_EQ(::chmod(other.c_str(), 0444), 0);
  commit();
  EXPECT_EQ(info("Files/ro").attributes & attribute::kReadOnly, 0U);
  EXPECT_NE(info("Files/d/a").attributes & attribute::kReadOnly, 0U);
}

TEST_F(CommitTest, RemovedStreamsAreRemovedUnlessTheMountShowedNone) {
  copied(put("Files/f"));
  commit();
  EXPECT_THAT(streams("Files/f"), ElementsAre("overlay.hidden"));
  destroy(layer("new"));
  commit({.had_stream_attributes = false});
  EXPECT_THAT(streams("Files/f"), ElementsAre("overlay.hidden", "zone"));
}

TEST_F(CommitTest, RenamedFileKeepsTheMetadataOfItsOrigin) {
  copied_from(put("Files/d/moved"), "Files/ro");
  commit();
  EXPECT_EQ(descriptor("Files/d/moved"), descriptor_);
  EXPECT_NE(info("Files/d/moved").attributes & attribute::kSystem, 0U);
}

TEST_F(CommitTest, FuseOverlayfsNamesTheOriginByItsPath) {
  set(put("Files/d/moved"), "user.fuseoverlayfs.origin", std::string_view("Files/ro\0", 9));
  commit();
  EXPECT_NE(info("Files/d/moved").attributes & attribute::kSystem, 0U);
}

TEST_F(CommitTest, OriginsThatAreNoneOfTheImageAreIgnored) {
  for (const std::string& handle :
       {handle_of(0), handle_of(0xFFFFFFFF), handle_of(file_of(layer("base"), "Files/d")),
        std::string("short"), std::string(33, 'x')}) {
    set(put("Files/n"), "user.overlay.origin", handle);
    commit();
    EXPECT_EQ(info("Files/n").attributes, attribute::kArchive);
    destroy(layer("new"));
  }
}

TEST_F(CommitTest, NewFileHasTheMetadataOfTheHost) {
  put("Files/n");
  put("Files/f");  // replaced, not copied
  commit();
  EXPECT_EQ(info("Files/n").attributes, attribute::kArchive);
  EXPECT_NE(descriptor("Files/n"), descriptor_);
  EXPECT_EQ(info("Files/f").attributes, attribute::kArchive);
  EXPECT_THAT(streams("Files/f"), IsEmpty());
}

TEST_F(CommitTest, FileOfSeveralNamesIsTakenForACopy) {
  LayerWriter writer(layer("links"), {layer("base")});
  writer.add_link(ImagePath::parse("Files/d/ro2"), ImagePath::parse("Files/ro"));
  writer.close();
  set(upper_, "user.overlay.impure", "y");
  put("Files/d/ro2", "changed");
  layer::commit(upper_, layer("new"), {layer("links"), layer("base")});
  EXPECT_EQ(descriptor("Files/d/ro2"), descriptor_);
  EXPECT_EQ(text_in(layer("new"), "Files/d/ro2"), "changed");
  EXPECT_EQ(text_in(layer("new"), "Files/ro"), "old");
}

TEST_F(CommitTest, NewFileHasNoStreamsOfOneOfSeveralNames) {
  parent_with_links();
  put("Files/d/f2");
  put("Files/d/large2");
  commit_on_links();
  EXPECT_THAT(streams("Files/d/f2"), IsEmpty());
  EXPECT_THAT(streams("Files/d/large2"), IsEmpty());
  EXPECT_EQ(descriptor("Files/d/f2"), descriptor_);
  EXPECT_THAT(streams("Files/f"), ElementsAre("overlay.hidden", "zone"));
  destroy(layer("new"));
  commit_on_links({.had_stream_attributes = false});
  EXPECT_THAT(streams("Files/d/f2"), ElementsAre("overlay.hidden", "zone"));
}

TEST_F(CommitTest, StreamsOfTheParentShowThatAFileOfSeveralNamesWasCopied) {
  parent_with_links();
  set(put("Files/d/f2"), "user.zone", "changed");
  // Overlays cannot copy this one from a FUSE mount.
  set(put("Files/d/large2"), "user.zone", "of a new file");
  commit_on_links();
  EXPECT_THAT(streams("Files/d/f2"), ElementsAre("overlay.hidden", "zone"));
  EXPECT_THAT(streams("Files/d/large2"), ElementsAre("zone"));
}

TEST_F(CommitTest, TimesOfErofsMountsShowThatAFileOfSeveralNamesWasCopied) {
  parent_with_links();
  // A file that was renamed to this name later.
  copied_from_erofs(put("Files/d/f2"),
                    {kTimes.change, kTimes.last_write, kTimes.last_access, kTimes.change});
  copied_from_erofs(put("Files/d/large2"),
                    {kTimes.creation, kTimes.last_write, kTimes.last_access, kTimes.change});
  commit_on_links();
  EXPECT_THAT(streams("Files/d/f2"), IsEmpty());
  EXPECT_THAT(streams("Files/d/large2"), ElementsAre("large"));  // zone was removed
}

TEST_F(CommitTest, AttributesOfErofsMountsAreMetadata) {
  const auto file = put("Files/elsewhere");
  set(file, "user.ntfs.attrib", std::string_view("\x04\0\0\0", 4));
  set(file, "user.ntfs.acl",
      std::string_view(reinterpret_cast<const char*>(descriptor_.data()), descriptor_.size()));
  commit();
  EXPECT_EQ(descriptor("Files/elsewhere"), descriptor_);
  EXPECT_NE(info("Files/elsewhere").attributes & attribute::kSystem, 0U);
  EXPECT_THAT(streams("Files/elsewhere"), IsEmpty());
  destroy(layer("new"));
  set(file, "user.ntfs.acl", "damaged");
  refuse(ErrorCode::kCorrupt, "user.ntfs.acl");
}

}  // namespace
}  // namespace cim::layer
