// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include <algorithm>
#include <charconv>
#include <limits>
#include <optional>
#include <vector>

#include <fmt/format.h>

#include "cimlib/error.h"

#include "base/endian.h"
#include "base/utf16.h"
#include "ntfs/condition.h"
#include "ntfs/sddl_codes.h"
#include "ntfs/sid.h"

namespace cim::sddl {
namespace {

constexpr std::size_t kAlignment = 4;

bool is_blank(char c) {
  return c == ' ' || (c >= '\t' && c <= '\r');
}

// Converts infix to postfix. A stack holds the operators that wait for their right operand, since
// expressions may be deep: "!" binds closest, then "&&", then "||", each from left to right.
class Parser {
 public:
  Parser(std::string_view text, std::size_t offset) : text_(text), rest_(text), offset_(offset) {}

  Bytes parse() {
    append(bytes_, as_bytes(kConditionSignature));
    expect('(');
    waiting_.push_back(Waiting::kParenthesis);
    while (!waiting_.empty()) {
      parse_operand();
      end_operand();
      while (!waiting_.empty() && !take_logical_operator()) {
        expect(')');
        close_parenthesis();
      }
    }
    bytes_.resize((bytes_.size() + kAlignment - 1) / kAlignment * kAlignment);
    return std::move(bytes_);
  }

  std::string_view rest() const { return rest_; }

 private:
  enum class Waiting : std::uint8_t { kParenthesis, kOr, kAnd, kNot };

  [[noreturn]] void fail(std::string reason) const {
    throw Error(ErrorCode::kCorrupt, "SDDL", std::move(reason),
                offset_ + (text_.size() - rest_.size()));
  }

  void put(Token token) { append(bytes_, token); }

  void skip_blanks() {
    while (!rest_.empty() && is_blank(rest_.front())) {
      rest_.remove_prefix(1);
    }
  }

  bool take(std::string_view expected) {
    skip_blanks();
    if (!equal_words(rest_.substr(0, expected.size()), expected)) {
      return false;
    }
    rest_.remove_prefix(expected.size());
    return true;
  }

  void expect(char c) {
    if (!take({&c, 1})) {
      fail(fmt::format("\"{}\" is missing in the condition", c));
    }
  }

  // Returns the characters at the front that may be part of a local attribute's name or an
  // operator's.
  std::string_view word() {
    skip_blanks();
    const auto* const end = std::ranges::find_if_not(
        rest_, [](char c) { return is_name_character(static_cast<unsigned char>(c)) || c == '@'; });
    return rest_.substr(0, static_cast<std::size_t>(end - rest_.begin()));
  }

  void apply(Waiting what) {
    put(what == Waiting::kNot ? Token::kNot : what == Waiting::kAnd ? Token::kAnd : Token::kOr);
  }

  // Applies to the operand just read the waiting operators that bind at least as close as
  // `closest`.
  void apply_waiting(Waiting closest) {
    while (waiting_.back() >= closest) {
      apply(waiting_.back());
      waiting_.pop_back();
    }
  }

  void end_operand() { apply_waiting(Waiting::kNot); }

  bool take_logical_operator() {
    const bool is_and = take("&&");
    if (!is_and && !take("||")) {
      return false;
    }
    const Waiting what = is_and ? Waiting::kAnd : Waiting::kOr;
    apply_waiting(what);
    waiting_.push_back(what);
    return true;
  }

  void close_parenthesis() {
    apply_waiting(Waiting::kOr);
    waiting_.pop_back();
    if (!waiting_.empty()) {
      end_operand();  // the expression in parentheses is an operand itself
    }
  }

  // Parses any parentheses and "!" before a term, and the term.
  void parse_operand() {
    while (true) {
      if (take("(")) {
        waiting_.push_back(Waiting::kParenthesis);
      } else if (take("!")) {
        waiting_.push_back(Waiting::kNot);
      } else {
        return parse_term();
      }
    }
  }

  void parse_term() {
    const Operator* const op = find_named(word());
    if (op == nullptr) {
      parse_attribute();
      return parse_comparison();
    }
    rest_.remove_prefix(op->name.size());
    if (op->kind == OperatorKind::kExists) {
      parse_attribute();
    } else if (op->kind == OperatorKind::kMembership) {
      parse_sids();
    } else {
      fail(fmt::format("{} has no left operand", op->name));
    }
    put(op->token);
  }

  static const Operator* find_named(std::string_view word) {
    const auto* const found = std::ranges::find_if(
        kOperators, [&](const Operator& op) { return equal_words(op.name, word); });
    return found != kOperators.end() ? found : nullptr;
  }

  // Parses the operator and right operand after an attribute, if there are any.
  void parse_comparison() {
    const Operator* op = find_named(word());
    if (op == nullptr) {
      skip_blanks();
      op = std::ranges::find_if(kOperators, [&](const Operator& other) {
        return !is_name_character(static_cast<unsigned char>(other.name.front())) &&
               rest_.starts_with(other.name);
      });
    }
    if (op == kOperators.end()) {
      return;
    }
    if (op->kind != OperatorKind::kScalar && op->kind != OperatorKind::kList) {
      fail(fmt::format("{} must precede its operand", op->name));
    }
    rest_.remove_prefix(op->name.size());
    skip_blanks();
    if (rest_.starts_with('@')) {
      parse_attribute();
    } else if (op->kind == OperatorKind::kList && rest_.starts_with('{')) {
      append_list([this](Bytes& list) { append_value(list); });
    } else {
      append_value(bytes_);
    }
    put(op->token);
  }

  void parse_sids() {
    skip_blanks();
    if (rest_.starts_with('{')) {
      append_list([this](Bytes& list) { append_sid_literal(list); });
    } else {
      append_sid_literal(bytes_);
    }
  }

  void parse_attribute() {
    for (const auto& [prefix, token] : kAttributePrefixes) {
      if (take(prefix)) {
        return append_name(token, take_prefixed_name());
      }
    }
    const std::string_view name = word();
    if (name.empty() || name.front() == '@') {
      fail("expected an attribute");
    }
    rest_.remove_prefix(name.size());
    append_name(Token::kLocalAttribute, std::u16string(name.begin(), name.end()));
  }

  void append_name(Token token, std::u16string_view name) {
    put(token);
    append_text(bytes_, name);
  }

  std::u16string take_prefixed_name() {
    std::u16string name;
    while (!rest_.empty()) {
      const auto c = static_cast<unsigned char>(rest_.front());
      if (is_prefixed_name_character(c)) {
        name.push_back(c);
        rest_.remove_prefix(1);
      } else if (c == '%') {
        name.push_back(take_escaped());
      } else {
        break;
      }
    }
    if (name.empty()) {
      fail("an attribute has no name");
    }
    return name;
  }

  // Parses "%" and four hexadecimal digits.
  char16_t take_escaped() {
    const std::string_view digits = rest_.substr(1, 4);
    std::uint16_t unit = 0;
    const char* const end = digits.data() + digits.size();
    const auto [stopped, error] = std::from_chars(digits.data(), end, unit, 16);
    if (digits.size() != 4 || error != std::errc{} || stopped != end) {
      fail("\"%\" is not followed by four hexadecimal digits");
    }
    rest_.remove_prefix(1 + digits.size());
    return static_cast<char16_t>(unit);
  }

  static void append_size(Bytes& into, std::size_t size) {
    append(into, Le32(static_cast<std::uint32_t>(size)));
  }

  static void append_text(Bytes& into, std::u16string_view text) {
    append_size(into, 2 * text.size());
    append_utf16_le(into, text);
  }

  template <typename AppendElement>
  void append_list(AppendElement append_element) {
    expect('{');
    Bytes list;
    do {
      append_element(list);
    } while (take(","));
    expect('}');
    put(Token::kComposite);
    append_size(bytes_, list.size());
    append(bytes_, ByteView(list));
  }

  void append_value(Bytes& into) {
    skip_blanks();
    const char c = rest_.empty() ? '\0' : rest_.front();
    if (c == '"') {
      append_string(into);
    } else if (c == '#') {
      append_octets(into);
    } else if (c == '+' || c == '-' || (c >= '0' && c <= '9')) {
      append_integer(into);
    } else {
      append_sid_literal(into);
    }
  }

  void append_string(Bytes& into) {
    const std::size_t end = rest_.find('"', 1);
    const auto text = end != rest_.npos ? to_utf16(rest_.substr(1, end - 1)) : std::nullopt;
    if (!text) {
      fail("a string is unterminated or not valid UTF-8");
    }
    append(into, Token::kString);
    append_text(into, *text);
    rest_.remove_prefix(end + 1);
  }

  // Parses "#" and pairs of hexadecimal digits.
  void append_octets(Bytes& into) {
    rest_.remove_prefix(1);
    const std::size_t size =
        std::min(rest_.find_first_not_of("0123456789abcdefABCDEF"), rest_.size());
    if (size % 2 != 0) {
      fail("octets have an odd number of digits");
    }
    append(into, Token::kOctets);
    append_size(into, size / 2);
    for (std::size_t i = 0; i < size; i += 2) {
      std::uint8_t octet = 0;
      std::from_chars(&rest_[i], &rest_[i] + 2, octet, 16);
      into.push_back(std::byte{octet});
    }
    rest_.remove_prefix(size);
  }

  void append_integer(Bytes& into) {
    const Sign sign = take("+") ? Sign::kPlus : take("-") ? Sign::kMinus : Sign::kNone;
    const Base base = take_base();
    std::uint64_t magnitude = 0;
    const int radix = base == Base::kOctal ? 8 : base == Base::kDecimal ? 10 : 16;
    const auto [stopped, error] =
        std::from_chars(rest_.data(), rest_.data() + rest_.size(), magnitude, radix);
    const std::uint64_t most =
        std::uint64_t{std::numeric_limits<std::int64_t>::max()} + (sign == Sign::kMinus ? 1 : 0);
    if (error != std::errc{} || magnitude > most) {
      fail("expected a 64-bit integer");
    }
    rest_.remove_prefix(static_cast<std::size_t>(stopped - rest_.data()));
    append(into, Token::kInt64);
    append(into, Le64(sign == Sign::kMinus ? 0 - magnitude : magnitude));
    append(into, sign);
    append(into, base);
  }

  Base take_base() {
    if (equal_words(rest_.substr(0, 2), "0x")) {
      rest_.remove_prefix(2);
      return Base::kHexadecimal;
    }
    const bool is_octal =
        rest_.size() >= 2 && rest_[0] == '0' && rest_[1] >= '0' && rest_[1] <= '7';
    return is_octal ? Base::kOctal : Base::kDecimal;
  }

  void append_sid_literal(Bytes& into) {
    if (!take("SID")) {
      fail("expected a value");
    }
    expect('(');
    skip_blanks();
    Bytes sid;
    append_sid(sid, take_sid_or_alias(rest_, offset_ + (text_.size() - rest_.size())));
    expect(')');
    append(into, Token::kSid);
    append_size(into, sid.size());
    append(into, ByteView(sid));
  }

  std::string_view text_;
  std::string_view rest_;
  std::size_t offset_;
  Bytes bytes_;
  std::vector<Waiting> waiting_;
};

}  // namespace

Bytes take_condition(std::string_view& text, std::size_t offset) {
  Parser parser(text, offset);
  Bytes bytes = parser.parse();
  text = parser.rest();
  return bytes;
}

}  // namespace cim::sddl
