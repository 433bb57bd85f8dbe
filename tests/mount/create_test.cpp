// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
// An image created from a mounted one is equal to it: all NTFS metadata that the mount shows is
// read back.
#include "cimlib/create.h"

#include <algorithm>
#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cimlib/check.h"
#include "cimlib/diff.h"
#include "cimlib/extended_attributes.h"
#include "cimlib/image.h"
#include "cimlib/reparse.h"
#include "cimlib/security_descriptor.h"

#include "mount/mounted_image.h"

namespace cim {
namespace {

using test::path;
using test::put;

constexpr FileTimes kTimes = {.creation = {132'000'000'000'000'001},
                              .last_write = {132'000'000'000'000'002},
                              .change = {132'000'000'000'000'003},
                              .last_access = {132'000'000'000'000'004}};

Bytes descriptor_of(std::string_view sddl) {
  return SecurityDescriptor::from_sddl(sddl).encode();
}

Bytes link_to(std::uint32_t tag, std::string_view target) {
  return ReparsePoint::pointing_to(tag, target).encode();
}

void add_stream(ImageWriter& writer, std::string_view file, std::u16string_view name,
                std::string_view text) {
  writer.add_alternate_stream({path(file), std::u16string(name)}, text.size());
  writer.write(as_bytes(text));
}

void fill(ImageWriter& writer) {
  const Bytes descriptor = descriptor_of("O:BAG:SYD:(A;;FA;;;BA)(A;;FR;;;BU)");
  const Bytes other_descriptor = descriptor_of("O:SYG:SYD:P(A;;FA;;;SY)");
  const Bytes eas = encode_extended_attributes(
      std::vector<ExtendedAttribute>{{.name = "$CI.CATALOGHINT", .value = Bytes(30)}});
  const Bytes symlink = link_to(reparse_tag::kSymlink, "..\\file");
  const Bytes junction = link_to(reparse_tag::kMountPoint, "C:\\dir");
  const Bytes odd_reparse = {std::byte{0x1B}, std::byte{0}, std::byte{0}, std::byte{0x80},
                             std::byte{4},    std::byte{0}, std::byte{0}, std::byte{0},
                             std::byte{1},    std::byte{2}, std::byte{3}, std::byte{4}};
  const FileMetadata directory = {.attributes = attribute::kDirectory | attribute::kHidden,
                                  .times = kTimes,
                                  .security_descriptor = descriptor};
  const FileMetadata file = {.attributes = attribute::kReadOnly | attribute::kSystem,
                             .times = kTimes,
                             .security_descriptor = other_descriptor,
                             .extended_attributes = eas};
  writer.add({}, directory);
  writer.add(path("dir"), directory);
  add_stream(writer, "dir", u"of a directory", "text");
  put(writer, "file", "text", file);
  add_stream(writer, "file", u"Zone.Identifier", "[ZoneTransfer]");
  add_stream(writer, "file", u"empty", "");
  add_stream(writer, "file", u"long", test::pattern_text(200'000));
  put(writer, "dir/large", test::pattern_text(300'000), {.times = kTimes});
  writer.add_link(path("dir/link"), path("file"));
  writer.add(path("sparse"), {.attributes = attribute::kSparseFile, .times = kTimes}, 100'000);
  put(writer, "\xC3\xA4\xF0\x9F\x98\x80", "x", {.times = kTimes});
  put(writer, "\xED\xA0\x80 lone surrogate", "x", {.times = kTimes});
  writer.add(path("dir/symlink"), {.times = kTimes, .reparse_data = symlink});
  writer.add(path("junction"), {.attributes = attribute::kDirectory,
                                .times = kTimes,
                                .security_descriptor = descriptor,
                                .reparse_data = junction});
  put(writer, "odd", "data", {.times = kTimes, .reparse_data = odd_reparse});
  writer.add(path("odd dir"),
             {.attributes = attribute::kDirectory, .times = kTimes, .reparse_data = odd_reparse});
  put(writer, "odd dir/entry", "x", {.times = kTimes});
}

TEST(CreateFromAMount, ReproducesTheImage) {
  if (const auto reason = test::reason_not_to_mount()) {
    GTEST_SKIP() << *reason;
  }
  const test::MountedImage mounted(fill, {.streams = mount::StreamNames::kPaths});
  const auto copy = mounted.directory() / "copy.cim";
  const CreateSummary summary = create_image(copy, mounted.root());
  EXPECT_EQ(summary.skipped, 0U);
  EXPECT_EQ(summary.hard_links, 1U);
  EXPECT_EQ(summary.links, 2U);
  EXPECT_EQ(summary.streams, 4U);
  EXPECT_TRUE(check(copy, {.depth = CheckDepth::kDeep}).findings.empty());
  diff(mounted.image(), copy, {}, [](const Difference& difference) {
    ADD_FAILURE() << difference.path.to_string() << " differs in " << difference.fields;
    return true;
  });
}

TEST(CreateFromAMount, WarnsAboutStreamsTooLargeForExtendedAttributes) {
  if (const auto reason = test::reason_not_to_mount()) {
    GTEST_SKIP() << *reason;
  }
  const test::MountedImage mounted(fill);  // shows streams as extended attributes only
  std::vector<std::string> warnings;
  const CreateSummary summary =
      create_image(mounted.directory() / "copy.cim", mounted.root(),
                   {.warning = [&](const std::string& text) { warnings.push_back(text); }});
  EXPECT_EQ(summary.skipped, 1U);
  EXPECT_THAT(warnings, testing::ElementsAre(testing::HasSubstr("link:long: ")));
}

}  // namespace
}  // namespace cim
