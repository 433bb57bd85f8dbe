// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
// The parts of a metadata image.
#include <array>
#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "mount/erofs/disk_structs.h"
#include "mount/erofs/metadata_file.h"
#include "mount/erofs/seal.h"
#include "mount/erofs/xattrs.h"
#include "os/file.h"
#include "temporary_directory.h"

namespace cim::mount::erofs {
namespace {

TEST(ErofsChecksum, MatchesTheCheckValueOfCrc32c) {
  EXPECT_EQ(~checksum(as_bytes("123456789")), 0xE3069283U);
  EXPECT_EQ(checksum(as_bytes("6789"), checksum(as_bytes("12345"))),
            checksum(as_bytes("123456789")));
}

TEST(ErofsDirectory, StoresEntriesBeforeNames) {
  const std::vector<DirectoryChild> children = {
      {".", 36, EntryType::kDirectory}, {"..", 36, EntryType::kDirectory}, {"a", 0x1234}};
  const Bytes bytes = encode_directory(children, 512);
  ASSERT_EQ(bytes.size(), 3 * 12 + 4U);
  EXPECT_EQ(bytes[8], std::byte{36});  // offset of the first name, which implies their number
  EXPECT_EQ(bytes[24], std::byte{0x34});
  EXPECT_EQ(bytes[24 + 8], std::byte{39});
  EXPECT_EQ(bytes[24 + 10], std::byte{1});
  EXPECT_EQ(as_text(ByteView(bytes).subspan(36)), "...a");
}

TEST(ErofsDirectory, StartsANewBlockForANameThatDoesNotFit) {
  DirectoryMeasure measure(512);
  EXPECT_FALSE(measure.add(255));
  EXPECT_FALSE(measure.add(512 - 267 - 12));
  EXPECT_EQ(measure.size(), 512U);
  EXPECT_TRUE(measure.add(1));
  EXPECT_EQ(measure.size(), 512U + 13);
  const std::vector<DirectoryChild> children = {
      {std::string(255, 'a')}, {std::string(233, 'b')}, {"c"}};
  const Bytes bytes = encode_directory(children, 512);
  ASSERT_EQ(bytes.size(), 512U + 13);
  EXPECT_EQ(bytes[512 + 8], std::byte{12});
  EXPECT_EQ(bytes.back(), std::byte{'c'});
}

TEST(ErofsXattrs, CountsWordsAfterTheHeader) {
  XattrBody body;
  EXPECT_EQ(body.count(), 0);
  EXPECT_TRUE(body.encode().empty());
  body.add_shared(7);
  body.add(encode_xattr(XattrPrefix::kUser, "zone", as_bytes("abc")));
  const Bytes bytes = body.encode();
  ASSERT_EQ(bytes.size(), 12U + 4 + 12);
  EXPECT_EQ(body.count(), 1 + 4);
  EXPECT_EQ(bytes[4], std::byte{1});   // one shared
  EXPECT_EQ(bytes[12], std::byte{7});  // its id
  EXPECT_EQ(bytes[16], std::byte{4});  // the name's length
  EXPECT_EQ(bytes[17], std::byte{1});
  EXPECT_EQ(bytes[18], std::byte{3});
}

class ErofsFile : public testing::Test {
 protected:
  test::TemporaryDirectory directory_;
  File file_ = File::create_new(directory_.path() / "meta");
};

TEST_F(ErofsFile, KeepsTailsInOneBlock) {
  MetadataFile meta(file_, 9, std::uint64_t{1} << 30);
  meta.reserve(1152);
  for (std::uint64_t tail = 1; tail < 512; ++tail) {
    for (const std::uint64_t head : {64U, 132U, 156U}) {
      if (meta.can_hold(head, tail)) {
        const std::uint64_t place = meta.place_inode(head, tail);
        EXPECT_EQ(place % kInodeUnit, 0U);
        EXPECT_EQ((place + head) / 512, (place + head + tail - 1) / 512) << tail;
      }
    }
  }
  EXPECT_FALSE(meta.can_hold(132, 511));
  EXPECT_TRUE(meta.can_hold(128, 511));
}

TEST_F(ErofsFile, KeepsWhatIsWrittenAnywhere) {
  MetadataFile meta(file_, 9, std::uint64_t{1} << 30);
  meta.reserve(1152);
  std::vector<std::pair<std::uint64_t, std::string>> written;
  for (int i = 0; i < 3000; ++i) {
    const std::string text = "piece " + std::to_string(i);
    const std::uint64_t place = i % 3 == 0 ? std::uint64_t{meta.place_blocks(2)} << 9
                                           : meta.place_inode(64, text.size() + 1) + 64;
    written.emplace_back(place, text);
    const std::size_t late = i % 7 == 0 ? written.size() / 2 : written.size() - 1;
    meta.write(written[late].first, as_bytes(written[late].second));
    meta.write(place, as_bytes(text));
  }
  const std::uint64_t blocks = meta.finish();
  EXPECT_EQ(blocks << 9, file_.size());
  for (const auto& [place, text] : written) {
    Bytes bytes(text.size());
    file_.read_at(place, bytes);
    EXPECT_EQ(as_text(bytes), text);
  }
}

TEST_F(ErofsFile, DetectsABrokenSeal) {
  file_.write_at(0, as_bytes("metadata"));
  const Guid key = *Guid::parse("c1a1b1e5-0000-4000-8000-000000000001");
  SealData seal_data = {.image = "/a.cim", .probe = {.path = "x", .file = 9}};
  seal_data.omissions.add(OmissionKind::kLargeStreams, [] { return "x:y"; });
  seal(file_, key, seal_data);
  const auto found = check_seal(file_, key);
  ASSERT_TRUE(found);
  EXPECT_EQ(found->image, "/a.cim");
  EXPECT_EQ(found->probe.file, 9U);
  EXPECT_THAT(found->omissions.of(OmissionKind::kLargeStreams).examples,
              testing::ElementsAre("x:y"));
  EXPECT_FALSE(check_seal(file_, Guid{}));
  const std::uint64_t size = file_.size();
  for (std::uint64_t i = 0; i < size; ++i) {
    std::array<std::byte, 1> byte{};
    file_.read_at(i, byte);
    const std::array<std::byte, 1> other = {byte[0] ^ std::byte{0x10}};
    file_.write_at(i, other);
    EXPECT_FALSE(check_seal(file_, key)) << i;
    file_.write_at(i, byte);
  }
  file_.resize(size - 1);
  EXPECT_FALSE(check_seal(file_, key));
}

}  // namespace
}  // namespace cim::mount::erofs
