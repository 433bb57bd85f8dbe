// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// Conditions of callback ACEs: the bytes after the SID, an expression in postfix order ([MS-DTYP]
// 2.4.4.17), and their text in SDDL, such as "(@User.Title == "PM" && !(Member_of {SID(BG)}))".

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "base/bytes.h"

namespace cim::sddl {

/// Returns the condition's text, in parentheses. Throws kCorrupt for invalid bytes, kUnsupported
/// for conditions that have no text: those with quotation marks in strings or with names that the
/// grammar does not allow.
std::string print_condition(ByteView data);

/// Removes a condition in parentheses from the front of `text` and returns its bytes, padded to a
/// multiple of four. Throws kCorrupt, counting positions from `offset`, and kUnsupported for
/// aliases of domain accounts.
Bytes take_condition(std::string_view& text, std::size_t offset);

/// The first bytes of every condition.
inline constexpr std::string_view kConditionSignature = "artx";

/// The bytes that introduce an operand or an operator ([MS-DTYP] 2.4.4.17).
enum class Token : std::uint8_t {
  kPadding = 0x00,
  kInt8 = 0x01,
  kInt16 = 0x02,
  kInt32 = 0x03,
  kInt64 = 0x04,
  kString = 0x10,
  kOctets = 0x18,
  kComposite = 0x50,
  kSid = 0x51,
  kExists = 0x87,
  kNotExists = 0x8D,
  kAnd = 0xA0,
  kOr = 0xA1,
  kNot = 0xA2,
  kLocalAttribute = 0xF8,
  kUserAttribute = 0xF9,
  kResourceAttribute = 0xFA,
  kDeviceAttribute = 0xFB,
};

/// The place of an operator and the operands that it takes.
enum class OperatorKind : std::uint8_t {
  kExists,      ///< before an attribute
  kMembership,  ///< before one or several SIDs
  kScalar,      ///< between an attribute and a second attribute or a single value
  kList,        ///< between an attribute and a second attribute or one or more values
};

/// An operator as text and as a token.
struct Operator {
  std::string_view name;
  Token token;
  OperatorKind kind;
};

/// All operators except the logical ones. If a name is a prefix of another, the longer comes first.
inline constexpr std::array<Operator, 20> kOperators = {{
    {"Exists", Token::kExists, OperatorKind::kExists},
    {"Not_Exists", Token::kNotExists, OperatorKind::kExists},
    {"Member_of", Token{0x89}, OperatorKind::kMembership},
    {"Device_Member_of", Token{0x8A}, OperatorKind::kMembership},
    {"Member_of_Any", Token{0x8B}, OperatorKind::kMembership},
    {"Device_Member_of_Any", Token{0x8C}, OperatorKind::kMembership},
    {"Not_Member_of", Token{0x90}, OperatorKind::kMembership},
    {"Not_Device_Member_of", Token{0x91}, OperatorKind::kMembership},
    {"Not_Member_of_Any", Token{0x92}, OperatorKind::kMembership},
    {"Not_Device_Member_of_Any", Token{0x93}, OperatorKind::kMembership},
    {"==", Token{0x80}, OperatorKind::kList},
    {"!=", Token{0x81}, OperatorKind::kList},
    {"<=", Token{0x83}, OperatorKind::kScalar},
    {"<", Token{0x82}, OperatorKind::kScalar},
    {">=", Token{0x85}, OperatorKind::kScalar},
    {">", Token{0x84}, OperatorKind::kScalar},
    {"Contains", Token{0x86}, OperatorKind::kList},
    {"Any_of", Token{0x88}, OperatorKind::kList},
    {"Not_Contains", Token{0x8E}, OperatorKind::kList},
    {"Not_Any_of", Token{0x8F}, OperatorKind::kList},
}};

/// The prefix that shows where an attribute is defined.
struct AttributePrefix {
  std::string_view prefix;
  Token token;
};

/// Local attributes have no prefix.
inline constexpr std::array<AttributePrefix, 3> kAttributePrefixes = {{
    {"@User.", Token::kUserAttribute},
    {"@Resource.", Token::kResourceAttribute},
    {"@Device.", Token::kDeviceAttribute},
}};

enum class Sign : std::uint8_t { kPlus = 1, kMinus = 2, kNone = 3 };
enum class Base : std::uint8_t { kOctal = 1, kDecimal = 2, kHexadecimal = 3 };

constexpr bool is_ascii_letter_or_digit(char32_t c) {
  return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

/// Returns true if an attribute's name, with or without a prefix, may contain `c` unescaped.
constexpr bool is_name_character(char32_t c) {
  return is_ascii_letter_or_digit(c) || c == ':' || c == '.' || c == '/' || c == '_';
}

/// Returns true if the name of an attribute with a prefix may contain `c` unescaped; any other
/// character is written as "%" and four digits.
constexpr bool is_prefixed_name_character(char32_t c) {
  constexpr std::u32string_view kMore = U"#$'*+-;?@[\\]^`{}~";
  return is_name_character(c) || kMore.find(c) != kMore.npos;
}

}  // namespace cim::sddl
