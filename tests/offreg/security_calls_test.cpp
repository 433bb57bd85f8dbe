// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include <cstring>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "cimlib/security_descriptor.h"

#include "offreg/offreg_test.h"

namespace cim::test {
namespace {

using OrGetKeySecurityTest = OffregTest;
using OrSetKeySecurityTest = OffregTest;
using OrVirtualFlagsTest = OffregTest;

constexpr DWORD kOwner = OWNER_SECURITY_INFORMATION;
constexpr DWORD kGroup = GROUP_SECURITY_INFORMATION;
constexpr DWORD kDacl = DACL_SECURITY_INFORMATION;
constexpr DWORD kSacl = SACL_SECURITY_INFORMATION;
constexpr DWORD kAll = kOwner | kGroup | kDacl | kSacl;

constexpr const char* kFull = "O:SYG:BUD:P(A;CI;KA;;;SY)S:(AU;SA;KA;;;WD)";

Bytes encoded(const std::string& sddl) {
  return SecurityDescriptor::from_sddl(sddl).encode();
}

/// SECURITY_DESCRIPTOR with pointers, and what they point to.
struct Absolute {
  explicit Absolute(const std::string& sddl) : relative(encoded(sddl)) {
    struct Offsets {
      std::uint16_t revision, control;
      std::uint32_t owner, group, sacl, dacl;
    } offsets{};
    std::memcpy(&offsets, relative.data(), sizeof offsets);
    const auto at = [&](std::uint32_t offset) {
      return offset == 0 ? nullptr : relative.data() + offset;
    };
    descriptor = {offsets.revision,  static_cast<std::uint16_t>(offsets.control & 0x7FFF),
                  at(offsets.owner), at(offsets.group),
                  at(offsets.sacl),  at(offsets.dacl)};
  }

  Bytes relative;
  struct {
    std::uint16_t revision, control;
    void *owner, *group, *sacl, *dacl;
  } descriptor{};
};

std::string sddl_of(ORHKEY key, DWORD parts) {
  DWORD size = 0;
  EXPECT_EQ(ORGetKeySecurity(key, parts, nullptr, &size), ERROR_INSUFFICIENT_BUFFER);
  Bytes bytes(size);
  EXPECT_EQ(ORGetKeySecurity(key, parts, bytes.data(), &size), ERROR_SUCCESS);
  EXPECT_EQ(size, bytes.size());
  return SecurityDescriptor::parse(bytes).to_sddl();
}

DWORD set(ORHKEY key, DWORD parts, const std::string& sddl) {
  Bytes bytes = encoded(sddl);
  return ORSetKeySecurity(key, parts, bytes.data());
}

TEST_F(OrGetKeySecurityTest, ReturnsTheSelectedParts) {
  const ORHKEY hive = create_hive();
  EXPECT_EQ(set(hive, kAll | PROTECTED_DACL_SECURITY_INFORMATION, kFull), ERROR_SUCCESS);
  EXPECT_EQ(sddl_of(hive, kAll), kFull);
  EXPECT_EQ(sddl_of(hive, kOwner), "O:SY");
  EXPECT_EQ(sddl_of(hive, kGroup), "G:BU");
  EXPECT_EQ(sddl_of(hive, kDacl), "D:P(A;CI;KA;;;SY)");
  EXPECT_EQ(sddl_of(hive, kSacl), "S:(AU;SA;KA;;;WD)");
  EXPECT_EQ(sddl_of(hive, 0), "");
}

TEST_F(OrGetKeySecurityTest, ReturnsTheSizeNeeded) {
  const ORHKEY hive = create_hive();
  Bytes bytes(143);
  DWORD size = 143;
  EXPECT_EQ(ORGetKeySecurity(hive, kAll, bytes.data(), &size), ERROR_INSUFFICIENT_BUFFER);
  EXPECT_EQ(size, 144U);
  EXPECT_EQ(bytes, Bytes(143));
  EXPECT_EQ(ORGetKeySecurity(hive, kAll, bytes.data(), nullptr), ERROR_INVALID_PARAMETER);
  EXPECT_EQ(ORGetKeySecurity(hive, 0x10, bytes.data(), &size), ERROR_INVALID_PARAMETER);
}

TEST_F(OrSetKeySecurityTest, ReplacesTheSelectedPartsOnly) {
  const ORHKEY hive = create_hive();
  const ORHKEY key = create_key(hive, u"Key");
  EXPECT_EQ(set(key, kAll, kFull), ERROR_SUCCESS);
  EXPECT_EQ(set(key, kOwner, "O:BAG:BAD:(A;;KR;;;WD)"), ERROR_SUCCESS);
  EXPECT_EQ(sddl_of(key, kAll), "O:BAG:BUD:P(A;CI;KA;;;SY)S:(AU;SA;KA;;;WD)");
  EXPECT_EQ(set(key, kDacl, "D:(A;;KR;;;WD)"), ERROR_SUCCESS);
  EXPECT_EQ(sddl_of(key, kAll), "O:BAG:BUD:(A;;KR;;;WD)S:(AU;SA;KA;;;WD)");
  EXPECT_EQ(set(key, kSacl, "S:"), ERROR_SUCCESS);
  const auto file = saved(hive, "saved");
  const registry::Key stored = *file.find("Key");
  EXPECT_EQ(SecurityDescriptor::parse(stored.descriptor()).to_sddl(), "O:BAG:BUD:(A;;KR;;;WD)S:");
  const registry::Key root = file.root();
  EXPECT_EQ(root.descriptor().size(), 144U);
}

TEST_F(OrSetKeySecurityTest, SetsWhetherAListInherits) {
  const ORHKEY hive = create_hive();
  EXPECT_EQ(set(hive, kDacl | PROTECTED_DACL_SECURITY_INFORMATION, "D:(A;;KR;;;WD)"),
            ERROR_SUCCESS);
  EXPECT_EQ(sddl_of(hive, kDacl), "D:P(A;;KR;;;WD)");
  EXPECT_EQ(set(hive, kDacl | UNPROTECTED_DACL_SECURITY_INFORMATION, "D:P(A;;KR;;;WD)"),
            ERROR_SUCCESS);
  EXPECT_EQ(sddl_of(hive, kDacl), "D:(A;;KR;;;WD)");
  EXPECT_EQ(set(hive, kSacl | PROTECTED_SACL_SECURITY_INFORMATION, "S:(AU;SA;KA;;;WD)"),
            ERROR_SUCCESS);
  EXPECT_EQ(sddl_of(hive, kSacl), "S:P(AU;SA;KA;;;WD)");
}

TEST_F(OrSetKeySecurityTest, AcceptsBothForms) {
  const ORHKEY hive = create_hive();
  Absolute absolute(kFull);
  EXPECT_EQ(ORSetKeySecurity(hive, kAll, &absolute.descriptor), ERROR_SUCCESS);
  EXPECT_EQ(sddl_of(hive, kAll), kFull);
  ORHKEY key = nullptr;
  Absolute other("O:BAG:BAD:(A;;KR;;;WD)");
  EXPECT_EQ(ORCreateKey(hive, u"A\\B"_w, nullptr, 0, &other.descriptor, &key, nullptr),
            ERROR_SUCCESS);
  EXPECT_EQ(sddl_of(key, kAll), "O:BAG:BAD:(A;;KR;;;WD)");
  EXPECT_EQ(sddl_of(open_key(hive, u"A"), kAll), kFull);
}

TEST_F(OrSetKeySecurityTest, RefusesMalformedAndIncompleteDescriptors) {
  const ORHKEY hive = create_hive();
  Bytes bytes = encoded(kFull);
  EXPECT_EQ(ORSetKeySecurity(hive, 0, bytes.data()), ERROR_INVALID_PARAMETER);
  EXPECT_EQ(ORSetKeySecurity(hive, kAll | 0x10, bytes.data()), ERROR_INVALID_PARAMETER);
  EXPECT_EQ(ORSetKeySecurity(hive, kAll, nullptr), ERROR_INVALID_PARAMETER);
  EXPECT_EQ(set(hive, kOwner, "G:BU"), ERROR_INVALID_SECURITY_DESCR);
  EXPECT_EQ(set(hive, kGroup, "O:BU"), ERROR_INVALID_SECURITY_DESCR);
  bytes[0] = std::byte{2};  // the revision
  EXPECT_EQ(ORSetKeySecurity(hive, kAll, bytes.data()), ERROR_INVALID_SECURITY_DESCR);
  bytes = encoded(kFull);
  bytes[21] = std::byte{16};  // sub-authorities of the owner
  EXPECT_EQ(ORSetKeySecurity(hive, kAll, bytes.data()), ERROR_INVALID_SECURITY_DESCR);
  ORHKEY key = nullptr;
  EXPECT_EQ(ORCreateKey(hive, u"Key"_w, nullptr, 0, bytes.data(), &key, nullptr),
            ERROR_INVALID_SECURITY_DESCR);
  EXPECT_EQ(saved(hive, "saved").key_count(), 1U);
}

TEST_F(OrVirtualFlagsTest, AreStoredWithTheKey) {
  const ORHKEY hive = create_hive();
  const ORHKEY key = create_key(hive, u"Key");
  DWORD flags = 99;
  EXPECT_EQ(ORGetVirtualFlags(key, &flags), ERROR_SUCCESS);
  EXPECT_EQ(flags, 0U);
  EXPECT_EQ(ORSetVirtualFlags(key, 2 | 8), ERROR_SUCCESS);
  EXPECT_EQ(ORGetVirtualFlags(key, &flags), ERROR_SUCCESS);
  EXPECT_EQ(flags, 10U);
  EXPECT_EQ(ORGetVirtualFlags(create_key(key, u"Kid"), &flags), ERROR_SUCCESS);
  EXPECT_EQ(flags, 10U);
  EXPECT_EQ(ORSetVirtualFlags(key, 4), ERROR_SUCCESS);
  EXPECT_EQ(ORSetVirtualFlags(key, 1), ERROR_INVALID_PARAMETER);
  EXPECT_EQ(ORSetVirtualFlags(key, 16), ERROR_INVALID_PARAMETER);
  EXPECT_EQ(ORGetVirtualFlags(key, nullptr), ERROR_INVALID_PARAMETER);
  EXPECT_EQ(saved(hive, "saved").find("Key")->control(), 0x40);
}

}  // namespace
}  // namespace cim::test
