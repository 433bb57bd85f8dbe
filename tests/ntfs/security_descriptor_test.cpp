// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "cimlib/security_descriptor.h"

#include <algorithm>

#include <gtest/gtest.h>

#include "base/bytes.h"
#include "expect_error.h"
#include "hex.h"

namespace cim {
namespace {

using namespace descriptor_control;
using test::expect_error;
using test::from_hex;

const Sid kSystem{.authority = 5, .sub_authorities = {18}};
const Sid kAdministrators{.authority = 5, .sub_authorities = {32, 544}};
const Sid kEveryone{.authority = 1, .sub_authorities = {0}};

SecurityDescriptor parsed(const std::string& hex) {
  return SecurityDescriptor::parse(from_hex(hex));
}

void refuse(std::string_view words, const std::string& hex) {
  expect_error(ErrorCode::kCorrupt, words, [&] { validate_security_descriptor(from_hex(hex)); });
}

// A descriptor with nothing but a DACL, directly after the header.
std::string with_dacl(const std::string& acl) {
  return "01 00 0480 00000000 00000000 00000000 14000000" + acl;
}

TEST(SecurityDescriptor, EncodesHeaderOwnerGroupSaclDacl) {
  const SecurityDescriptor descriptor{
      .control = kSaclAutoInherited,
      .resource_manager_control = 7,
      .owner = kAdministrators,
      .group = kSystem,
      .sacl = Acl{.aces = {{.type = AceType::kSystemMandatoryLabel,
                            .mask = 1,
                            .sid = {.authority = 16, .sub_authorities = {4096}}}}},
      .dacl = Acl{.aces = {{.type = AceType::kAccessDenied,
                            .flags = ace_flag::kObjectInherit | ace_flag::kContainerInherit,
                            .mask = 0x1F01FF,
                            .sid = kEveryone}}}};
  const Bytes expected = from_hex(
      "01 07 1488 14000000 24000000 30000000 4c000000"
      "01 02 000000000005 20000000 20020000"
      "01 01 000000000005 12000000"
      "02 00 1c00 0100 0000  11 00 1400 01000000 01 01 000000000010 00100000"
      "02 00 1c00 0100 0000  01 03 1400 ff011f00 01 01 000000000001 00000000");
  EXPECT_EQ(to_hex(descriptor.encode()), to_hex(expected));
  auto with_control = descriptor;
  with_control.control = kSelfRelative | kSaclAutoInherited | kSaclPresent | kDaclPresent;
  EXPECT_EQ(SecurityDescriptor::parse(expected), with_control);
}

TEST(SecurityDescriptor, DefaultHasANullDaclAndNothingElse) {
  EXPECT_EQ(to_hex(kDefaultSecurityDescriptor), "0100048000000000000000000000000000000000");
  const auto descriptor = SecurityDescriptor::parse(kDefaultSecurityDescriptor);
  EXPECT_EQ(descriptor, (SecurityDescriptor{.control = kSelfRelative | kDaclPresent}));
  EXPECT_TRUE(std::ranges::equal(descriptor.encode(), kDefaultSecurityDescriptor));
}

TEST(SecurityDescriptor, DistinguishesAbsentNullAndEmptyAcls) {
  const auto absent = parsed("01 00 0080 00000000 00000000 00000000 00000000");
  EXPECT_EQ(absent.control & kDaclPresent, 0);
  EXPECT_FALSE(absent.dacl);
  const auto null = parsed("01 00 0480 00000000 00000000 00000000 00000000");
  EXPECT_NE(null.control & kDaclPresent, 0);
  EXPECT_FALSE(null.dacl);
  const auto empty = parsed(with_dacl("02 00 0800 0000 0000"));
  EXPECT_EQ(empty.dacl, Acl{});
}

TEST(SecurityDescriptor, IgnoresAnAclThatIsNotPresent) {
  const auto descriptor = parsed("01 00 0080 00000000 00000000 ffffffff ffffffff");
  EXPECT_EQ(descriptor, SecurityDescriptor{});
}

TEST(SecurityDescriptor, AcceptsPartsInAnyOrderAndShared) {
  const auto descriptor = parsed(
      "01 00 0480 1d000000 1d000000 00000000 14000000"
      "02 00 0800 0000 0000 ff"
      "01 01 000000000005 12000000");
  EXPECT_EQ(descriptor.owner, kSystem);
  EXPECT_EQ(descriptor.group, kSystem);
  EXPECT_EQ(descriptor.dacl, Acl{});
}

TEST(SecurityDescriptor, ReadsTheGuidsOfObjectAces) {
  const auto guid = *Guid::parse("00112233-4455-6677-8899-aabbccddeeff");
  const std::string guid_bytes = "33221100 5544 7766 8899aabbccddeeff";
  const std::string sid = "01 01 000000000001 00000000";
  const auto descriptor =
      parsed(with_dacl("04 00 7000 0300 0000"
                       "05 00 2800 01000000 02000000" +
                       guid_bytes + sid + "06 00 2800 02000000 01000000" + guid_bytes + sid +
                       "07 00 1800 03000000 00000000" + sid));
  ASSERT_EQ(descriptor.dacl->aces.size(), 3U);
  EXPECT_EQ(descriptor.dacl->aces[0], (Ace{.type = AceType::kAccessAllowedObject,
                                           .mask = 1,
                                           .inherited_object_type = guid,
                                           .sid = kEveryone}));
  EXPECT_EQ(
      descriptor.dacl->aces[1],
      (Ace{
          .type = AceType::kAccessDeniedObject, .mask = 2, .object_type = guid, .sid = kEveryone}));
  EXPECT_EQ(descriptor.dacl->aces[2],
            (Ace{.type = AceType::kSystemAuditObject, .mask = 3, .sid = kEveryone}));
}

TEST(SecurityDescriptor, RefusesObjectAcesWithoutRoomForTheirParts) {
  refuse("an ACE's inherited object type needs 16 bytes, but only 12 are left",
         with_dacl("04 00 2000 0100 0000 05 00 1800 01000000 02000000"
                   "01 01 000000000001 00000000"));
  refuse("a SID needs 8 bytes, but only 0 are left",
         with_dacl("04 00 1400 0100 0000 07 00 0c00 00000000 00000000"));
}

TEST(SecurityDescriptor, KeepsUnknownAces) {
  const std::string hex = with_dacl(
      "02 00 1400 0200 0000"
      "04 01 0800 aabbccdd"
      "fe 02 0400");
  const auto descriptor = parsed(hex);
  ASSERT_EQ(descriptor.dacl->aces.size(), 2U);
  const Ace& compound = descriptor.dacl->aces[0];
  EXPECT_TRUE(compound.is_raw());
  EXPECT_EQ(compound.flags, 1);
  EXPECT_EQ(compound.data, from_hex("aabbccdd"));
  EXPECT_TRUE(descriptor.dacl->aces[1].is_raw());
  EXPECT_EQ(descriptor.encode(), from_hex(hex));
}

TEST(SecurityDescriptor, KeepsBytesAfterTheSidOfAnAce) {
  const std::string hex = with_dacl(
      "02 00 2400 0100 0000"
      "09 00 1c00 a9001200 01 01 000000000001 00000000 6172747800000000");
  const auto descriptor = parsed(hex);
  EXPECT_EQ(as_text(descriptor.dacl->aces.at(0).data), std::string_view("artx\0\0\0\0", 8));
  EXPECT_EQ(descriptor.encode(), from_hex(hex));
}

TEST(SecurityDescriptor, PadsTheDataOfAnAce) {
  const SecurityDescriptor descriptor{
      .dacl = Acl{.aces = {{.type = static_cast<AceType>(0x7F), .data = from_hex("aabbccddee")}}}};
  EXPECT_EQ(descriptor.encode(),
            from_hex(with_dacl("02 00 1400 0100 0000 7f 00 0c00 aabbccddee000000")));
}

TEST(SecurityDescriptor, DropsSpaceAfterTheLastAce) {
  const auto descriptor = parsed(with_dacl("02 00 0c00 0000 0000 ffffffff"));
  EXPECT_EQ(descriptor.dacl, Acl{});
  EXPECT_EQ(descriptor.encode(), from_hex(with_dacl("02 00 0800 0000 0000")));
}

TEST(SecurityDescriptor, RefusesInvalidHeaders) {
  refuse("the header needs 20 bytes, but only 19 are left",
         "01 00 0080 00000000 00000000 00000000 000000");
  refuse("the header needs 20 bytes, but only 0 are left", "");
  refuse("revision 2", "02 00 0080 00000000 00000000 00000000 00000000");
  refuse("not self-relative", "01 00 0400 00000000 00000000 00000000 00000000");
}

TEST(SecurityDescriptor, RefusesOffsetsOutsideTheBytes) {
  refuse("the owner is at 19, in the header", "01 00 0080 13000000 00000000 00000000 00000000");
  refuse("the group is at 21, past the end at 20",
         "01 00 0080 00000000 15000000 00000000 00000000");
  refuse("a SID needs 8 bytes, but only 0 are left",
         "01 00 0080 14000000 00000000 00000000 00000000");
  refuse("the SACL is at 4294967295, past the end",
         "01 00 1080 00000000 00000000 ffffffff 00000000");
  refuse("an ACL needs 8 bytes, but only 0 are left",
         "01 00 0480 00000000 00000000 00000000 14000000");
}

TEST(SecurityDescriptor, RefusesMalformedAcls) {
  refuse("an ACL with unknown revision 1", with_dacl("01 00 0800 0000 0000"));
  refuse("an ACL with unknown revision 5", with_dacl("05 00 0800 0000 0000"));
  refuse("an ACL with an invalid size of 7 bytes", with_dacl("02 00 0700 0000 0000"));
  refuse("at byte 28: an ACL's body needs 1 bytes, but only 0 are left",
         with_dacl("02 00 0900 0000 0000"));
  refuse("at byte 28: an ACE needs 4 bytes, but only 0 are left",
         with_dacl("02 00 0800 0100 0000"));
  refuse("an ACE needs 4 bytes, but only 0 are left", with_dacl("02 00 0c00 ffff 0000 04 00 0400"));
}

TEST(SecurityDescriptor, RefusesMalformedAces) {
  refuse("an ACE with an invalid size of 0 bytes", with_dacl("02 00 0c00 0100 0000 00 00 0000"));
  refuse("an ACE with an invalid size of 6 bytes",
         with_dacl("02 00 1000 0100 0000 00 00 0600 00000000"));
  refuse("at byte 32: an ACE's body needs 8 bytes, but only 4 are left",
         with_dacl("02 00 1000 0100 0000 00 00 0c00 00000000"));
  refuse("an ACE's mask needs 4 bytes, but only 0 are left",
         with_dacl("02 00 0c00 0100 0000 00 00 0400"));
  // The SID would extend beyond its ACE.
  refuse("at byte 44: a SID's sub-authority needs 4 bytes, but only 0 are left",
         with_dacl("02 00 1800 0100 0000 00 00 1000 00000000 01 01 000000000001 00000000"));
}

TEST(SecurityDescriptor, RefusesOrShortensEveryTruncation) {
  const Bytes whole = from_hex(
      "01 00 1488 14000000 24000000 30000000 4c000000"
      "01 02 000000000005 20000000 20020000"
      "01 01 000000000005 12000000"
      "02 00 1c00 0100 0000  11 00 1400 01000000 01 01 000000000010 00100000"
      "02 00 1c00 0100 0000  01 03 1400 ff011f00 01 01 000000000001 00000000");
  for (std::size_t size = 0; size < whole.size(); ++size) {
    EXPECT_THROW(validate_security_descriptor(ByteView(whole).first(size)), Error) << size;
  }
  EXPECT_NO_THROW(validate_security_descriptor(whole));
}

TEST(SecurityDescriptor, RefusesToEncodeWhatDoesNotFit) {
  SecurityDescriptor descriptor{.dacl = Acl{}};
  descriptor.dacl->aces.assign(3276, {.sid = kEveryone});
  EXPECT_EQ(descriptor.encode().size(), 20U + 8U + 3276U * 20U);
  descriptor.dacl->aces.push_back({.sid = kEveryone});
  expect_error(ErrorCode::kLimit, "an ACL of 65548 bytes; the limit is 65535",
               [&] { descriptor.encode(); });
  descriptor.dacl->aces = {{.sid = kEveryone, .data = Bytes(65516)}};
  expect_error(ErrorCode::kLimit, "an ACE of 65536 bytes", [&] { descriptor.encode(); });
}

}  // namespace
}  // namespace cim
