// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "ntfs/condition.h"

#include <gtest/gtest.h>

#include "expect_error.h"
#include "hex.h"
#include "os/sha256.h"

namespace cim::sddl {
namespace {

using test::expect_error;
using test::from_hex;

Bytes bytes_of(std::string_view text) {
  std::string_view rest = text;
  Bytes bytes = take_condition(rest, 0);
  EXPECT_EQ(rest, "");
  return bytes;
}

std::string again(std::string_view text) {
  return print_condition(bytes_of(text));
}

// Expects that the text, as we print it, and the bytes convert to each other.
void expect_same(std::string_view text, std::string_view hex) {
  EXPECT_EQ(to_hex(bytes_of(text)), to_hex(from_hex(hex)));
  EXPECT_EQ(print_condition(from_hex(hex)), text);
}

// Returns a condition of these tokens, with padding.
Bytes condition(std::string_view hex) {
  Bytes bytes = from_hex("61727478" + std::string(hex));
  bytes.resize((bytes.size() + 3) / 4 * 4);
  return bytes;
}

// [MS-DTYP] 2.4.4.17.9, example 1.
TEST(Condition, IsTheExampleOfItsSpecification) {
  expect_same("(Title == \"VP\")",
              "61727478 f8 0a000000 5400690074006c006500 10 04000000 56005000 80 000000");
  EXPECT_EQ(bytes_of("(Title==\"VP\")"), bytes_of("(Title == \"VP\")"));
}

TEST(Condition, DecodesTheConditionOfAnAppsFiles) {
  expect_same("(Exists WIN://SYSAPPID)",
              "61727478 f8 1c000000 570049004e003a002f002f0053005900530041005000500049004400"
              " 87 0000");
}

// The expression of example 2 in the same section.
TEST(Condition, CombinesTerms) {
  expect_same("((@User.a == 1 || @Device.b == 1) && @Resource.c Any_of {\"S\", \"H\"})",
              "61727478"
              "f9 02000000 6100 04 0100000000000000 03 02 80"
              "fb 02000000 6200 04 0100000000000000 03 02 80 a1"
              "fa 02000000 6300 50 0e000000 10 02000000 5300 10 02000000 4800 88 a0"
              "00");
}

TEST(Condition, ReadsAnyWhiteSpaceAndCase) {
  EXPECT_EQ(again("( !\t( eXists a )&&@USER.b>=0X1F ||(member_OF{ sid( ba ),SID(S-1-1-0) } ))"),
            "((!(Exists a) && @User.b >= 0x1f) || Member_of {SID(BA), SID(WD)})");
}

TEST(Condition, KeepsTheGroupingOfOperands) {
  for (const std::string_view text :
       {"(a && b && c)", "(a && (b && c))", "(a || b || c)", "(a || (b || c))", "((a || b) && c)",
        "(a && (b || c))", "(!(a))", "(!(!(a)) && b)", "(!(a && b))", "((a && b) || c)",
        "(a || (b && c))"}) {
    const std::string printed = again(text);
    EXPECT_EQ(bytes_of(printed), bytes_of(text)) << text;
    EXPECT_EQ(again(printed), printed);
  }
  EXPECT_EQ(bytes_of("(a || b && c)"), bytes_of("(a || (b && c))"));
  EXPECT_EQ(bytes_of("(a && b || c)"), bytes_of("((a && b) || c)"));
  EXPECT_EQ(bytes_of("(!a == 1 && b)"), bytes_of("((!(a == 1)) && b)"));
  EXPECT_EQ(bytes_of("(((a)))"), bytes_of("(a)"));
}

TEST(Condition, HasEveryOperator) {
  for (const std::string_view text : {"(Exists a)",
                                      "(Not_Exists @Device.a)",
                                      "(Member_of SID(BA))",
                                      "(Device_Member_of {SID(BA)})",
                                      "(Member_of_Any {SID(BA), SID(S-1-5-99)})",
                                      "(Device_Member_of_Any SID(BA))",
                                      "(Not_Member_of SID(BA))",
                                      "(Not_Device_Member_of SID(BA))",
                                      "(Not_Member_of_Any SID(BA))",
                                      "(Not_Device_Member_of_Any SID(BA))",
                                      "(a == 1)",
                                      "(a != {1, \"x\", #00ff, SID(WD)})",
                                      "(a < 1)",
                                      "(a <= @User.b)",
                                      "(a > \"x\")",
                                      "(a >= #)",
                                      "(a Contains {1})",
                                      "(a Any_of @Resource.b)",
                                      "(a Not_Contains 1)",
                                      "(a Not_Any_of {\"\"})"}) {
    EXPECT_EQ(again(text), text);
  }
}

TEST(Condition, KeepsTheNotationOfIntegers) {
  for (const std::string_view number :
       {"0", "00", "0x0", "-0", "+7", "-7", "017", "-0x1f", "9223372036854775807",
        "-9223372036854775808", "-0x8000000000000000", "0777777777777777777777"}) {
    EXPECT_EQ(again("(a == " + std::string(number) + ")"), "(a == " + std::string(number) + ")");
  }
  // Shorter integers than those encoded from SDDL.
  EXPECT_EQ(print_condition(condition("f8 02000000 6100 01 feffffffffffffff 02 02 80")),
            "(a == -2)");
}

TEST(Condition, EscapesNamesWithAPrefix) {
  expect_same("(@User.%0020%0025%00e9a#-)", "61727478 f9 0c000000 20002500e900610023002d00 000000");
}

TEST(Condition, StopsAfterItsParentheses) {
  std::string_view text = "(a == \")\"))(A;;";
  take_condition(text, 0);
  EXPECT_EQ(text, ")(A;;");
}

TEST(Condition, ReportsThePositionOfErrors) {
  const auto refuse = [](std::string_view words, std::string_view text) {
    expect_error(ErrorCode::kCorrupt, words, [&] {
      std::string_view rest = text;
      take_condition(rest, 100);
    });
  };
  refuse("at byte 100: \"(\" is missing", "");
  refuse("at byte 101: expected an attribute", "()");
  refuse("at byte 102: \")\" is missing", "(a");
  refuse("at byte 103: \")\" is missing", "(a b)");
  refuse("at byte 105: expected an attribute", "(a &&)");
  refuse("at byte 105: expected a value", "(a ==)");
  refuse("at byte 106: expected a value", "(a <= {1})");
  refuse("at byte 107: expected a value", "(a == {})");
  refuse("at byte 109: \"}\" is missing", "(a == {1 2})");
  refuse("Contains has no left operand", "(Contains 1)");
  refuse("Exists must precede its operand", "(a Exists b)");
  refuse("expected a value", "(a == b)");
  refuse("expected a value", "(Member_of {1})");
  refuse("at byte 108: expected a SID", "(a==SID(Q))");
  refuse("a string is unterminated", "(a == \"x)");
  refuse("a string is unterminated or not valid", "(a == \"\xFF\")");
  refuse("octets have an odd number of digits", "(a == #123)");
  refuse("expected a 64-bit integer", "(a == 9223372036854775808)");
  refuse("expected a 64-bit integer", "(a == 0x)");
  refuse("expected a 64-bit integer", "(a == +-1)");
  refuse("\"%\" is not followed by four hexadecimal digits", "(@User.%12)");
  refuse("an attribute has no name", "(@User.)");
  refuse("expected an attribute", "(@Other.a)");
  refuse("expected an attribute", "(1 && \"x\")");
}

TEST(Condition, RefusesAliasesOfADomain) {
  expect_error(ErrorCode::kUnsupported, "DA refers to an account of a domain",
               [] { bytes_of("(Member_of SID(DA))"); });
}

TEST(Condition, RefusesInvalidBytes) {
  const auto refuse = [](std::string_view words, const Bytes& bytes) {
    expect_error(ErrorCode::kCorrupt, words, [&] { print_condition(bytes); });
  };
  const std::string a = "f8 02000000 6100";
  refuse("the signature needs 4 bytes", from_hex("617274"));
  refuse("it does not start with \"artx\"", from_hex("61727479"));
  refuse("it leaves 0 operands", condition(""));
  refuse("it leaves 0 operands", condition("00000000"));
  refuse("it leaves 2 operands", condition(a + a));
  refuse("it leaves 1 operands", condition("10 00000000"));
  refuse("the padding is followed by more bytes", condition(a + "00 f8"));
  refuse("an operator has too few operands", condition(a + "80"));
  refuse("an operator has too few operands", condition("a2"));
  refuse("a logical operator has a value", condition(a + "10 00000000 a0"));
  refuse("Exists has an operand of the wrong kind", condition("10 00000000 87"));
  refuse("Member_of has an operand of the wrong kind", condition(a + "89"));
  refuse("unexpected token 0x77", condition("77"));
  refuse("unexpected token 0x50", condition("50 05000000 50 00000000 80"));
  refuse("an attribute's name needs 8 bytes", condition("f8 08000000 6100"));
  refuse("an attribute's name ends within a character", condition("f8 01000000 61"));
  refuse("an attribute has no name", condition("f8 00000000"));
  refuse("a list needs 255 bytes", condition("50 ff000000"));
  refuse("an integer needs 8 bytes", condition("04 00"));
  refuse("an invalid sign or base", condition("04 0100000000000000 02 02"));
  refuse("an invalid sign or base", condition("04 ffffffffffffffff 03 02"));
  refuse("an invalid sign or base", condition("04 0100000000000000 04 02"));
  refuse("an invalid sign or base", condition("04 0100000000000000 03 00"));
  refuse("a SID is shorter than its stated size",
         condition("51 0c000000 0100000000000001 00000000"));
}

TEST(Condition, RefusesBytesThatSddlCannotExpress) {
  const auto refuse = [](std::string_view words, const Bytes& bytes) {
    expect_error(ErrorCode::kUnsupported, words, [&] { print_condition(bytes); });
  };
  const std::string a = "f8 02000000 6100";
  refuse("a quotation mark", condition(a + "10 02000000 2200 80"));
  refuse("an empty list", condition(a + "50 00000000 80"));
  refuse("an attribute named \"a b\"", condition("f8 06000000 610020006200"));
  refuse("an attribute named \"@\"", condition("f8 02000000 4000"));
  refuse("an attribute named \"eXISTS\"", condition("f8 0c000000 650058004900530054005300"));
  refuse("express == between", condition(a + a + "80"));
  refuse("express < between", condition(a + "50 05000000 10 00000000 82"));
  refuse("express == between", condition("10 00000000" + a + "80"));
}

TEST(Condition, MayBeNestedDeeply) {
  Bytes bytes = condition("f8 02000000 6100");
  bytes.resize(11);
  for (int i = 0; i < 20000; ++i) {
    bytes.push_back(std::byte{0xA2});
  }
  bytes.push_back(std::byte{0});
  const std::string printed = print_condition(bytes);
  EXPECT_EQ(printed.size(), 3U + 3U * 20000U);
  EXPECT_EQ(bytes_of(printed), bytes);
}

}  // namespace
}  // namespace cim::sddl
