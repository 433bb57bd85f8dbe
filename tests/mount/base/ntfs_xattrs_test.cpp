// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "mount/base/ntfs_xattrs.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cimlib/error.h"
#include "cimlib/image_writer.h"
#include "cimlib/reparse.h"

#include "expect_error.h"
#include "mount/mounted_image.h"
#include "temporary_directory.h"

namespace cim::mount {
namespace {

using test::from_text;
using test::path;
using test::put;
using testing::ElementsAre;
using testing::SizeIs;

class NtfsXattrs : public testing::Test {
 protected:
  template <typename Fill>
  Image image_of(Fill fill) {
    const auto image = directory_.path() / "a.cim";
    ImageWriter writer(image);
    fill(writer);
    writer.commit();
    return Image(image);
  }

  static std::optional<Bytes> value(const Image& image, std::string_view name) {
    return xattr_value(image, image.find(path("file")).value(), name, StreamXattrs::kShown);
  }

 private:
  test::TemporaryDirectory directory_;
};

TEST_F(NtfsXattrs, ReturnsAttributesInBothByteOrders) {
  const Image image = image_of([](ImageWriter& writer) {
    put(writer, "file", "", {.attributes = attribute::kHidden | attribute::kArchive});
  });
  EXPECT_EQ(value(image, "system.ntfs_attrib"), from_text("\x22\0\0\0"));
  EXPECT_EQ(value(image, "system.ntfs_attrib_be"), from_text("\0\0\0\x22"));
}

TEST_F(NtfsXattrs, ReturnsNormalForAFileWithoutAttributes) {
  const Image image = image_of([](ImageWriter& writer) { put(writer, "file", ""); });
  EXPECT_EQ(value(image, "system.ntfs_attrib_be"), from_text("\0\0\0\x80"));
}

TEST_F(NtfsXattrs, OrdersTimesAsCreationWriteAccessChange) {
  const Image image = image_of([](ImageWriter& writer) {
    put(writer, "file", "",
        {.times = {.creation = {0x0102}, .last_write = {3}, .change = {4}, .last_access = {5}}});
  });
  EXPECT_EQ(value(image, "system.ntfs_times"), from_text("\2\1\0\0\0\0\0\0"
                                                         "\3\0\0\0\0\0\0\0"
                                                         "\5\0\0\0\0\0\0\0"
                                                         "\4\0\0\0\0\0\0\0"));
  EXPECT_EQ(value(image, "system.ntfs_times_be"), from_text("\0\0\0\0\0\0\1\2"
                                                            "\0\0\0\0\0\0\0\3"
                                                            "\0\0\0\0\0\0\0\5"
                                                            "\0\0\0\0\0\0\0\4"));
}

TEST_F(NtfsXattrs, ReturnsDescriptorAndReparseDataAsStoredAndEasInVolumeFormat) {
  const Bytes descriptor = from_text("\1\0\4\x80\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0");
  const Bytes eas = from_text("\0\0\0\0\0\1\3\0A\0xyz\0\0\0");
  const auto link = ReparsePoint::pointing_to(reparse_tag::kSymlink, "a").encode();
  const Image image = image_of([&](ImageWriter& writer) {
    put(writer, "file", "",
        {.security_descriptor = descriptor, .extended_attributes = eas, .reparse_data = link});
  });
  EXPECT_EQ(value(image, "system.ntfs_acl"), descriptor);
  EXPECT_EQ(value(image, "system.ntfs_ea"), from_text("\x10\0\0\0\0\1\3\0A\0xyz\0\0\0"));
  EXPECT_EQ(value(image, "system.ntfs_reparse_data"), link);
}

TEST_F(NtfsXattrs, RejectsAnInvalidEaList) {
  const Image image = image_of([](ImageWriter& writer) {
    put(writer, "file", "", {.extended_attributes = from_text("\0\0\0\0\0\1\3\0A\0xy")});
  });
  test::expect_error(ErrorCode::kCorrupt, "an attribute's value needs 3 bytes",
                     [&] { value(image, "system.ntfs_ea"); });
}

TEST_F(NtfsXattrs, ReturnsStreamsIgnoringCaseUpToTheSizeLimitOfLinux) {
  const Image image = image_of([](ImageWriter& writer) {
    put(writer, "file", "");
    writer.add_alternate_stream({path("file"), u"Zone.Identifier"}, 3);
    writer.write(as_bytes("abc"));
    writer.add_alternate_stream({path("file"), u"empty"}, 0);
    writer.add_alternate_stream({path("file"), u"most"}, 65536);
    writer.add_alternate_stream({path("file"), u"more"}, 65537);
  });
  EXPECT_EQ(value(image, "user.zone.IDENTIFIER"), from_text("abc"));
  EXPECT_EQ(value(image, "user.empty"), Bytes());
  EXPECT_EQ(value(image, "user.most"), Bytes(65536));
  EXPECT_EQ(value(image, "user.none"), std::nullopt);
  EXPECT_EQ(value(image, "user.\xFF"), std::nullopt);
  test::expect_error(ErrorCode::kLimit, "65537 bytes", [&] { value(image, "user.more"); });
}

TEST_F(NtfsXattrs, ListsOnlyAttributesThatTheFileHas) {
  const Image image = image_of([](ImageWriter& writer) {
    put(writer, "file", "");
    writer.add_alternate_stream({path("file"), u"s"}, 0);
    // 250 characters of three bytes: longer than a name may be on Linux.
    writer.add_alternate_stream({path("file"), std::u16string(250, u'\u20ac')}, 0);
  });
  const FileId file = image.find(path("file")).value();
  EXPECT_THAT(xattr_names(image, file, StreamXattrs::kShown).names,
              ElementsAre("system.ntfs_acl", "system.ntfs_attrib", "system.ntfs_attrib_be",
                          "system.ntfs_times", "system.ntfs_times_be", "user.s"));
  EXPECT_THAT(xattr_names(image, file, StreamXattrs::kShown).hidden, SizeIs(1));
  EXPECT_THAT(xattr_names(image, file, StreamXattrs::kHidden).names,
              ElementsAre("system.ntfs_acl", "system.ntfs_attrib", "system.ntfs_attrib_be",
                          "system.ntfs_times", "system.ntfs_times_be"));
  EXPECT_EQ(value(image, "system.ntfs_ea"), std::nullopt);
  EXPECT_EQ(value(image, "system.ntfs_reparse_data"), std::nullopt);
  EXPECT_EQ(value(image, "security.selinux"), std::nullopt);
  EXPECT_EQ(xattr_value(image, file, "user.s", StreamXattrs::kHidden), std::nullopt);
}

// The overlay of a writable mount and other programs would act on them.
TEST_F(NtfsXattrs, HidesStreamsWhoseAttributesControlLinux) {
  const Image image = image_of([](ImageWriter& writer) {
    put(writer, "file", "");
    for (const char16_t* const name :
         {u"overlay.opaque", u"overlay.overlay.whiteout", u"OVERLAY.redirect",
          u"fuseoverlayfs.opaque", u"containers.override_stat", u"rootlesscontainers",
          u"virtfs.uid", u"overlay", u"overlays.x"}) {
      writer.add_alternate_stream({path("file"), name}, 1);
      writer.write(as_bytes("y"));
    }
  });
  const FileId file = image.find(path("file")).value();
  const auto [names, hidden] = xattr_names(image, file, StreamXattrs::kShown);
  EXPECT_THAT(hidden, SizeIs(7));
  EXPECT_THAT(names, testing::IsSupersetOf({"user.overlay", "user.overlays.x"}));
  EXPECT_THAT(names, SizeIs(7));
  for (const std::string& name : hidden) {
    EXPECT_EQ(value(image, "user." + name), std::nullopt);
  }
  EXPECT_EQ(value(image, "user.overlay.OPAQUE"), std::nullopt);
  EXPECT_EQ(value(image, "user.overlay"), from_text("y"));
}

}  // namespace
}  // namespace cim::mount
