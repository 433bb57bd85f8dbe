// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT

// SDDL, parsed and printed. Base64 and text of the two whole descriptors are BuildKit's constants.

#include <gtest/gtest.h>

#include "cimlib/security_descriptor.h"

#include "base/bytes.h"
#include "expect_error.h"
#include "hex.h"
#include "os/sha256.h"

namespace cim {
namespace {

using namespace descriptor_control;
using test::expect_error;
using test::from_hex;

// Parses a text and prints it again.
std::string again(std::string_view text) {
  return SecurityDescriptor::from_sddl(text).to_sddl();
}

// Returns the only ACE of a DACL.
Ace ace_of(std::string_view text) {
  return SecurityDescriptor::from_sddl("D:" + std::string(text)).dacl.value().aces.at(0);
}

std::string print(const Ace& ace) {
  return SecurityDescriptor{.dacl = Acl{.aces = {ace}}}.to_sddl().substr(2);
}

void refuse(std::string_view words, std::string_view text, ErrorCode code = ErrorCode::kCorrupt) {
  expect_error(code, words, [&] { SecurityDescriptor::from_sddl(text); });
}

TEST(Sddl, IsTheTextOfAFilesDescriptor) {
  const std::string_view text = "O:BAG:SYD:(A;;FA;;;BA)(A;;FA;;;SY)(A;;0x1200a9;;;BU)";
  const Bytes bytes = from_hex(
      "01 00 0480 14000000 24000000 00000000 30000000"
      "01 02 000000000005 20000000 20020000"
      "01 01 000000000005 12000000"
      "02 00 4c00 0300 0000"
      "00 00 1800 ff011f00 01 02 000000000005 20000000 20020000"
      "00 00 1400 ff011f00 01 01 000000000005 12000000"
      "00 00 1800 a9001200 01 02 000000000005 20000000 21020000");
  EXPECT_EQ(to_hex(SecurityDescriptor::from_sddl(text).encode()), to_hex(bytes));
  EXPECT_EQ(SecurityDescriptor::parse(bytes).to_sddl(), text);
}

TEST(Sddl, IsTheTextOfADirectorysDescriptor) {
  const std::string_view text =
      "O:BAG:SYD:(A;OICI;FA;;;BA)(A;OICI;FA;;;SY)(A;;FA;;;BA)(A;OICIIO;GA;;;CO)"
      "(A;OICI;0x1200a9;;;BU)(A;CI;LC;;;BU)(A;CI;DC;;;BU)";
  const Bytes bytes = from_hex(
      "01 00 0480 14000000 24000000 00000000 30000000"
      "01 02 000000000005 20000000 20020000"
      "01 01 000000000005 12000000"
      "02 00 a800 0700 0000"
      "00 03 1800 ff011f00 01 02 000000000005 20000000 20020000"
      "00 03 1400 ff011f00 01 01 000000000005 12000000"
      "00 00 1800 ff011f00 01 02 000000000005 20000000 20020000"
      "00 0b 1400 00000010 01 01 000000000003 00000000"
      "00 03 1800 a9001200 01 02 000000000005 20000000 21020000"
      "00 02 1800 04000000 01 02 000000000005 20000000 21020000"
      "00 02 1800 02000000 01 02 000000000005 20000000 21020000");
  EXPECT_EQ(to_hex(SecurityDescriptor::from_sddl(text).encode()), to_hex(bytes));
  EXPECT_EQ(SecurityDescriptor::parse(bytes).to_sddl(), text);
}

TEST(Sddl, DistinguishesAbsentNullAndEmptyAcls) {
  EXPECT_EQ(SecurityDescriptor{}.to_sddl(), "");
  EXPECT_EQ(SecurityDescriptor::from_sddl(""), SecurityDescriptor{});
  EXPECT_EQ(SecurityDescriptor::parse(kDefaultSecurityDescriptor).to_sddl(), "D:NO_ACCESS_CONTROL");
  EXPECT_EQ(SecurityDescriptor::from_sddl("D:NO_ACCESS_CONTROL"),
            (SecurityDescriptor{.control = kSelfRelative | kDaclPresent}));
  EXPECT_EQ(SecurityDescriptor::from_sddl("D:"),
            (SecurityDescriptor{.control = kSelfRelative | kDaclPresent, .dacl = Acl{}}));
  EXPECT_EQ(again("D:S:"), "D:S:");
  EXPECT_EQ(again("D:PNO_ACCESS_CONTROLS:AINO_ACCESS_CONTROL"),
            "D:PNO_ACCESS_CONTROLS:AINO_ACCESS_CONTROL");
}

TEST(Sddl, AcceptsComponentsInAnyOrder) {
  EXPECT_EQ(again("S:(ML;;NW;;;LW)D:PG:S-1-5-21-1O:BA"), "O:BAG:S-1-5-21-1D:PS:(ML;;NW;;;LW)");
}

TEST(Sddl, ReadsAndPrintsControlBitsOfBothLists) {
  const auto descriptor = SecurityDescriptor::from_sddl("D:AIARPS:PAI");
  EXPECT_EQ(descriptor.control, kSelfRelative | kDaclPresent | kDaclProtected |
                                    kDaclAutoInheritRequired | kDaclAutoInherited | kSaclPresent |
                                    kSaclProtected | kSaclAutoInherited);
  EXPECT_EQ(descriptor.to_sddl(), "D:PARAIS:PAI");
}

TEST(Sddl, ReadsLettersInEitherCase) {
  EXPECT_EQ(again("o:bag:s-1-5-18d:pai(a;oici;fa;;;sy)(oa;;cc;00112233-4455-6677-8899-AABBCCDDEEFF;"
                  ";wd)s:no_access_control"),
            "O:BAG:SYD:PAI(A;OICI;FA;;;SY)(OA;;CC;00112233-4455-6677-8899-aabbccddeeff;;WD)"
            "S:NO_ACCESS_CONTROL");
}

TEST(Sddl, HasLettersForTypes) {
  struct Case {
    AceType type;
    std::string_view code;
  };
  for (const Case& c : std::initializer_list<Case>{
           {AceType::kAccessAllowed, "A"},
           {AceType::kAccessDenied, "D"},
           {AceType::kSystemAudit, "AU"},
           {AceType::kSystemAlarm, "AL"},
           {AceType::kAccessAllowedObject, "OA"},
           {AceType::kAccessDeniedObject, "OD"},
           {AceType::kSystemAuditObject, "OU"},
           {AceType::kSystemAlarmObject, "OL"},
           {AceType::kSystemMandatoryLabel, "ML"},
           {AceType::kSystemScopedPolicyId, "SP"},
           {AceType::kSystemProcessTrustLabel, "TL"},
       }) {
    const std::string text = "(" + std::string(c.code) + ";;;;;WD)";
    EXPECT_EQ(ace_of(text), (Ace{.type = c.type, .sid = *Sid::parse("S-1-1-0")})) << c.code;
    EXPECT_EQ(print({.type = c.type, .sid = *Sid::parse("S-1-1-0")}), text);
  }
}

TEST(Sddl, HasLettersForAceFlags) {
  EXPECT_EQ(ace_of("(AU;FASACRIDIONPCIOI;FA;;;WD)").flags, 0xFF);
  EXPECT_EQ(again("D:(AU;FASACRIDIONPCIOI;FA;;;WD)"), "D:(AU;OICINPIOIDCRSAFA;FA;;;WD)");
}

TEST(Sddl, HasAnotherNameForOneFlagOfAccessFilters) {
  const std::string_view text = "(FL;OICRTP;FA;;;WD;(a))";
  EXPECT_EQ(ace_of(text).flags, 0x61);
  EXPECT_EQ(print(ace_of(text)), text);
  refuse("expected a valid ACE flag", "D:(FL;SA;FA;;;WD;(a))");
  refuse("expected a valid ACE flag", "D:(A;TP;FA;;;WD)");
}

TEST(Sddl, PrintsRightsByName) {
  struct Case {
    std::uint32_t mask;
    std::string_view text;
  };
  for (const Case& c : std::initializer_list<Case>{
           {0x1F01FF, "FA"},
           {0x120089, "FR"},
           {0x120116, "FW"},
           {0x1200A0, "FX"},
           {0xF003F, "KA"},
           {0x20019, "KR"},
           {0x20006, "KW"},
           {0x1FF, "CCDCLCSWRPWPDTLOCR"},
           {0xF0000, "SDRCWDWO"},
           {0xF0000000, "GAGRGWGX"},
           {0x1200A9, "0x1200a9"},  // SYNCHRONIZE has no letters
           {0x1301BF, "0x1301bf"},
           {0x200, "0x200"},
           {0, ""},
       }) {
    const std::string text = "(A;;" + std::string(c.text) + ";;;WD)";
    EXPECT_EQ(print({.mask = c.mask, .sid = *Sid::parse("S-1-1-0")}), text);
    EXPECT_EQ(ace_of(text).mask, c.mask);
  }
}

TEST(Sddl, PrintsLabelRightsWithTheirOwnCodes) {
  const auto label = [](std::uint32_t mask) {
    return print(
        {.type = AceType::kSystemMandatoryLabel, .mask = mask, .sid = *Sid::parse("S-1-16-8192")});
  };
  EXPECT_EQ(label(7), "(ML;;NWNRNX;;;ME)");
  EXPECT_EQ(label(8), "(ML;;0x8;;;ME)");
  EXPECT_EQ(label(0x1F01FF), "(ML;;0x1f01ff;;;ME)");
}

TEST(Sddl, ReadsRightsAsNumbersToo) {
  EXPECT_EQ(ace_of("(A;;0xFFFFFFFF;;;WD)").mask, 0xFFFFFFFFU);
  EXPECT_EQ(ace_of("(A;;0X1f;;;WD)").mask, 0x1FU);
  EXPECT_EQ(ace_of("(A;;017;;;WD)").mask, 15U);
  EXPECT_EQ(ace_of("(A;;0;;;WD)").mask, 0U);
  EXPECT_EQ(ace_of("(A;;4294967295;;;WD)").mask, 0xFFFFFFFFU);
  EXPECT_EQ(ace_of("(A;;KXFXNRCC;;;WD)").mask, 0x20019U | 0x1200A0U | 2U | 1U);
}

TEST(Sddl, HasAliasesForSids) {
  struct Case {
    std::string_view alias;
    std::string_view sid;
  };
  for (const Case& c : std::initializer_list<Case>{{"AC", "S-1-15-2-1"},
                                                   {"BU", "S-1-5-32-545"},
                                                   {"CO", "S-1-3-0"},
                                                   {"LW", "S-1-16-4096"},
                                                   {"UD", "S-1-5-84-0-0-0-0-0"},
                                                   {"WR", "S-1-5-33"}}) {
    EXPECT_EQ(again("O:" + std::string(c.sid)), "O:" + std::string(c.alias));
    EXPECT_EQ(SecurityDescriptor::from_sddl("O:" + std::string(c.alias)).owner, Sid::parse(c.sid));
  }
  EXPECT_EQ(again("O:S-1-5-21-1-2-3-500G:S-1-5-80-0"), "O:S-1-5-21-1-2-3-500G:S-1-5-80-0");
}

TEST(Sddl, RefusesAliasesOfADomain) {
  refuse("at byte 2: DA refers to an account of a domain", "O:DA", ErrorCode::kUnsupported);
  refuse("at byte 11: LA refers to", "D:(A;;FA;;;LA)", ErrorCode::kUnsupported);
}

TEST(Sddl, GivesListsWithObjectAcesTheirRevision) {
  const auto descriptor = SecurityDescriptor::from_sddl(
      "D:(OA;;CC;;00112233-4455-6677-8899-aabbccddeeff;WD)S:(AU;SA;FA;;;WD)");
  EXPECT_EQ(descriptor.dacl->revision, 4);
  EXPECT_EQ(descriptor.sacl->revision, 2);
  EXPECT_EQ(descriptor.dacl->aces.at(0).object_type, std::nullopt);
  EXPECT_EQ(descriptor.dacl->aces.at(0).inherited_object_type,
            Guid::parse("00112233-4455-6677-8899-aabbccddeeff"));
}

TEST(Sddl, IgnoresMeaninglessBytes) {
  EXPECT_EQ(print({.mask = 1, .sid = *Sid::parse("S-1-1-0"), .data = from_hex("01020304")}),
            "(A;;CC;;;WD)");
}

TEST(Sddl, RefusesToPrintWhatSddlCannotExpress) {
  const auto refuse_to_print = [](std::string_view words, const Ace& ace) {
    expect_error(ErrorCode::kUnsupported, words, [&] { print(ace); });
  };
  refuse_to_print("an ACE of type 0x4 cannot be expressed in SDDL",
                  {.type = static_cast<AceType>(4)});
  refuse_to_print("an ACE of type 0xc cannot be expressed",
                  {.type = AceType::kAccessDeniedCallbackObject});
  refuse_to_print("an ACE of type 0x15 has flags 0x80, which",
                  {.type = AceType::kSystemAccessFilter, .flags = 0x80});
  refuse_to_print(
      "an ACE of type 0x9 has a condition that SDDL cannot express: it leaves 0 operands",
      {.type = AceType::kAccessAllowedCallback, .data = from_hex("6172747800000000")});
  refuse_to_print("an ACE of type 0x12 is a claim", {.type = AceType::kSystemResourceAttribute});
}

TEST(Sddl, RefusesTruncatedText) {
  const std::string_view whole = "O:BAG:SYD:(A;;FA;;;BA)";
  for (const std::size_t size :
       {1U, 3U, 5U, 11U, 12U, 13U, 14U, 15U, 16U, 17U, 18U, 19U, 20U, 21U}) {
    EXPECT_THROW(SecurityDescriptor::from_sddl(whole.substr(0, size)), Error) << size;
  }
}

TEST(Sddl, RefusesUnknownCodesWithTheirPosition) {
  refuse("at byte 0: expected O:, G:, D: or S:", "X:BA");
  refuse("at byte 4: expected O:", "O:BA G:SY");
  refuse("at byte 2: expected a SID", "O:");
  refuse("at byte 2: expected a SID", "O:ZZ");
  refuse("at byte 6: duplicate owner", "O:BAO:BA");
  refuse("at byte 4: duplicate list", "D:D:");
  refuse("at byte 19: NO_ACCESS_CONTROL cannot have entries", "D:NO_ACCESS_CONTROL(A;;FA;;;WD)");
  refuse("at byte 3: expected an ACE type", "D:(Q;;FA;;;WD)");
  refuse("at byte 5: expected a valid ACE flag", "D:(A;XX;FA;;;WD)");
  refuse("at byte 7: expected a valid ACE flag", "D:(A;OIC;FA;;;WD)");
  refuse("at byte 6: expected a valid right", "D:(A;;ZZ;;;WD)");
  refuse("at byte 8: expected a valid right", "D:(A;;FAF;;;WD)");
  refuse("at byte 8: the rights are not a 32-bit number", "D:(A;;0x;;;WD)");
  refuse("the rights are not a 32-bit number", "D:(A;;4294967296;;;WD)");
  refuse("the rights are not a 32-bit number", "D:(A;;08;;;WD)");
  refuse("the rights are not a 32-bit number", "D:(A;;1 ;;;WD)");
  refuse("only object ACEs", "D:(A;;FA;00112233-4455-6677-8899-aabbccddeeff;;WD)");
  refuse("the object type is not a GUID", "D:(OA;;FA;00112233;;WD)");
  refuse("\")\" is missing at the end of the ACE", "D:(A;;FA;;;WD;)");
  refuse("\";\" is missing after the rights", "D:(A;;FA)");
}

TEST(Sddl, HasConditions) {
  for (const std::string_view text :
       {"(XA;;0x1200a9;;;BU;(Exists WIN://SYSAPPID))", "(XD;OI;FA;;;WD;(a && b))",
        "(XU;SA;FA;;;WD;(a == \";)\"))",
        "(ZA;;CC;00112233-4455-6677-8899-aabbccddeeff;;WD;(Member_of {SID(BA)}))"}) {
    EXPECT_EQ(again("D:" + std::string(text) + "(A;;FA;;;WD)"),
              "D:" + std::string(text) + "(A;;FA;;;WD)");
  }
  EXPECT_EQ(SecurityDescriptor::from_sddl("D:(XA;;;;;WD;(a))").dacl->revision, 2);
  EXPECT_EQ(SecurityDescriptor::from_sddl("D:(ZA;;;;;WD;(a))").dacl->revision, 4);
  refuse("at byte 14: \";\" is missing before the condition", "D:(XA;;FX;;;WD)");
  refuse("at byte 16: expected an attribute", "D:(XA;;FX;;;WD;(");
}

TEST(Sddl, RefusesClaims) {
  refuse("claims are not supported", "S:(RA;;;;;WD;(\"a\",TI,0,1))", ErrorCode::kUnsupported);
}

// Searching for the field's end again for each right in it would take minutes here.
TEST(Sddl, TakesTimeProportionalToTheLengthOfAField) {
  std::string rights;
  for (int i = 0; i < 400'000; ++i) {
    rights += "GA";
  }
  const auto descriptor = SecurityDescriptor::from_sddl("D:(A;;" + rights + ";;;WD)");
  EXPECT_EQ(descriptor.dacl->aces.at(0).mask, 0x10000000U);
}

}  // namespace
}  // namespace cim
