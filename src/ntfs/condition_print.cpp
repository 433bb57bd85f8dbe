// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
// Prints the bytes of a condition as text, in two steps: the postfix tokens are read into a tree on
// a stack of operands, and the tree is written with parentheses only where the parser needs them. A
// part without a text, such as a string with a quotation mark, is kUnsupported and never written in
// another form.
#include <algorithm>
#include <limits>
#include <optional>
#include <variant>
#include <vector>

#include <fmt/format.h>

#include "cimlib/error.h"

#include "base/endian.h"
#include "base/upcase.h"
#include "base/utf16.h"
#include "ntfs/acl.h"
#include "ntfs/condition.h"
#include "ntfs/sddl_codes.h"

namespace cim::sddl {
namespace {

constexpr std::string_view kSubject = "condition of an ACE";

enum class NodeKind : std::uint8_t {
  kLocalAttribute,
  kPrefixedAttribute,
  kSid,
  kSids,  // several, in braces
  kValue,
  kValues,
  kComparison,  // or any other operator that is not logical
  kAnd,
  kOr,
  kNot,
};

// A part of the expression: text, or a logical operator with its operands.
struct Node {
  NodeKind kind;
  std::string text{};
  std::size_t left = 0;
  std::size_t right = 0;
};

[[noreturn]] void refuse(std::string reason) {
  throw Error(ErrorCode::kUnsupported, std::string(kSubject), std::move(reason));
}

bool is_attribute(const Node& node) {
  return node.kind == NodeKind::kLocalAttribute || node.kind == NodeKind::kPrefixedAttribute;
}

bool is_value(const Node& node) {
  return node.kind == NodeKind::kValue || node.kind == NodeKind::kSid;
}

bool is_list(const Node& node) {
  return node.kind == NodeKind::kValues || node.kind == NodeKind::kSids;
}

// Returns true for what "!", "&&" and "||" can be applied to: a comparison, a combination, or an
// attribute alone.
bool is_logical(const Node& node) {
  return is_attribute(node) || node.kind >= NodeKind::kComparison;
}

// Returns the text of a local attribute's name, which has no escapes and must not look like an
// operator.
std::string local_name(std::u16string_view name) {
  const bool is_sound =
      is_name_character(name.front()) &&
      std::ranges::all_of(name, [](char16_t c) { return is_name_character(c) || c == u'@'; });
  std::string text = to_wtf8(name);
  const bool is_operator = std::ranges::any_of(kOperators, [&](const Operator& other) {
    return equal_ignoring_ascii_case(text, other.name);
  });
  if (!is_sound || is_operator) {
    refuse(fmt::format("SDDL cannot express an attribute named \"{}\"", text));
  }
  return text;
}

std::string prefixed_name(std::string_view prefix, std::u16string_view name) {
  std::string text(prefix);
  for (const char16_t c : name) {
    if (is_prefixed_name_character(c)) {
      text.push_back(static_cast<char>(c));
    } else {
      text += fmt::format("%{:04x}", static_cast<unsigned>(c));
    }
  }
  return text;
}

// Reads the tokens of a condition and builds the expression tree.
class Reader {
 public:
  explicit Reader(ByteView data) : reader_(data, kSubject) {}

  // Returns the index of the root node.
  std::size_t read() {
    if (as_text(reader_.take(kConditionSignature.size(), "the signature")) != kConditionSignature) {
      reader_.fail("it does not start with \"artx\"");
    }
    while (reader_.remaining() > 0) {
      const auto token = reader_.read<Token>("a token");
      if (token == Token::kPadding) {
        check_padding();
        break;
      }
      read_token(token);
    }
    if (stack_.size() != 1 || !is_logical(top())) {
      reader_.fail(fmt::format("it leaves {} operands instead of one condition", stack_.size()));
    }
    return stack_.back();
  }

  const std::vector<Node>& nodes() const { return nodes_; }

 private:
  const Node& top() const { return nodes_[stack_.back()]; }

  void push(Node node) {
    nodes_.push_back(std::move(node));
    stack_.push_back(nodes_.size() - 1);
  }

  std::size_t pop() {
    if (stack_.empty()) {
      reader_.fail("an operator has too few operands");
    }
    const std::size_t index = stack_.back();
    stack_.pop_back();
    return index;
  }

  // The size of an ACE is a multiple of four, so up to three zeros may follow the last token.
  void check_padding() {
    const ByteView rest = reader_.take(reader_.remaining(), "padding");
    if (std::ranges::any_of(rest, [](std::byte b) { return b != std::byte{0}; })) {
      reader_.fail("the padding is followed by more bytes");
    }
  }

  // Each token either is an operand or replaces the operands on top of the stack by their result.
  void read_token(Token token) {
    if (token == Token::kAnd || token == Token::kOr) {
      push_logical(token == Token::kAnd ? NodeKind::kAnd : NodeKind::kOr);
    } else if (token == Token::kNot) {
      const std::size_t operand = pop_logical();
      push({.kind = NodeKind::kNot, .left = operand});
    } else if (const auto* const op = find_operator(token)) {
      push({.kind = NodeKind::kComparison, .text = read_operator(*op)});
    } else if (token >= Token::kLocalAttribute && token <= Token::kDeviceAttribute) {
      push(read_attribute(token));
    } else if (token == Token::kComposite) {
      push(read_composite());
    } else {
      push(read_value(reader_, token));
    }
  }

  static const Operator* find_operator(Token token) {
    const auto* const found = std::ranges::find(kOperators, token, &Operator::token);
    return found != kOperators.end() ? found : nullptr;
  }

  std::size_t pop_logical() {
    const std::size_t index = pop();
    if (!is_logical(nodes_[index])) {
      reader_.fail("a logical operator has a value for an operand");
    }
    return index;
  }

  void push_logical(NodeKind kind) {
    const std::size_t right = pop_logical();
    const std::size_t left = pop_logical();
    push({.kind = kind, .left = left, .right = right});
  }

  // Returns an operator with its operands as text. Comparisons are never nested, so no tree is
  // needed.
  std::string read_operator(const Operator& op) {
    const Node& last = nodes_[pop()];
    const bool is_one_sid_or_more = last.kind == NodeKind::kSid || last.kind == NodeKind::kSids;
    if (op.kind == OperatorKind::kExists || op.kind == OperatorKind::kMembership) {
      if (op.kind == OperatorKind::kExists ? !is_attribute(last) : !is_one_sid_or_more) {
        reader_.fail(fmt::format("{} has an operand of the wrong kind", op.name));
      }
      return fmt::format("{} {}", op.name, last.text);
    }
    const Node& first = nodes_[pop()];
    const bool fits = last.kind == NodeKind::kPrefixedAttribute || is_value(last) ||
                      (op.kind == OperatorKind::kList && is_list(last));
    if (!is_attribute(first) || !fits) {
      refuse(fmt::format("SDDL cannot express {} between these operands", op.name));
    }
    return fmt::format("{} {} {}", first.text, op.name, last.text);
  }

  std::u16string read_text(ByteReader& reader, std::string_view what) {
    const std::uint32_t size = reader.read<Le32>(what);
    if (size % 2 != 0) {
      reader.fail(fmt::format("{} ends within a character", what));
    }
    return utf16_from_le(reader.take(size, what));
  }

  // Attributes are named in UTF-16; a prefix shows whose attribute it is.
  Node read_attribute(Token token) {
    const std::u16string name = read_text(reader_, "an attribute's name");
    if (name.empty()) {
      reader_.fail("an attribute has no name");
    }
    if (token == Token::kLocalAttribute) {
      return {.kind = NodeKind::kLocalAttribute, .text = local_name(name)};
    }
    const auto* const prefix =
        std::ranges::find(kAttributePrefixes, token, &AttributePrefix::token);
    return {.kind = NodeKind::kPrefixedAttribute, .text = prefixed_name(prefix->prefix, name)};
  }

  // A list consists of SIDs alone or is a list of values; operators accept one or the other.
  Node read_composite() {
    const std::uint32_t size = reader_.read<Le32>("a list's size");
    const std::uint64_t base = reader_.position();
    ByteReader reader(reader_.take(size, "a list"), kSubject, base);
    if (size == 0) {
      refuse("SDDL cannot express an empty list");
    }
    Node list{.kind = NodeKind::kSids};
    while (reader.remaining() > 0) {
      const Node element = read_value(reader, reader.read<Token>("a list's token"));
      list.text += (list.text.empty() ? "{" : ", ") + element.text;
      if (element.kind != NodeKind::kSid) {
        list.kind = NodeKind::kValues;
      }
    }
    list.text += "}";
    return list;
  }

  // A literal, alone or as an element of a list.
  Node read_value(ByteReader& reader, Token token) {
    switch (token) {
      case Token::kInt8:
      case Token::kInt16:
      case Token::kInt32:
      case Token::kInt64:
        return {.kind = NodeKind::kValue, .text = read_integer(reader)};
      case Token::kString:
        return {.kind = NodeKind::kValue, .text = read_string(reader)};
      case Token::kOctets: {
        const std::uint32_t size = reader.read<Le32>("the size of octets");
        return {.kind = NodeKind::kValue, .text = "#" + to_hex(reader.take(size, "octets"))};
      }
      case Token::kSid:
        return {.kind = NodeKind::kSid, .text = read_sid_text(reader)};
      default:
        reader.fail(fmt::format("unexpected token {:#x}", token_number(token)));
    }
  }

  static unsigned token_number(Token token) { return static_cast<unsigned>(token); }

  // The sign and the base are stored beside the value, so that text can be restored as it was
  // written.
  static std::string read_integer(ByteReader& reader) {
    const std::uint64_t bits = reader.read<Le64>("an integer");
    const auto sign = reader.read<Sign>("an integer's sign");
    const auto base = reader.read<Base>("an integer's base");
    const bool is_negative = bits > std::uint64_t{std::numeric_limits<std::int64_t>::max()};
    if (sign < Sign::kPlus || sign > Sign::kNone || base < Base::kOctal ||
        base > Base::kHexadecimal || (is_negative != (sign == Sign::kMinus) && bits != 0)) {
      reader.fail("an integer has an invalid sign or base");
    }
    const std::uint64_t magnitude = is_negative ? 0 - bits : bits;
    const std::string_view prefix = sign == Sign::kPlus ? "+" : sign == Sign::kMinus ? "-" : "";
    switch (base) {
      case Base::kOctal:
        return fmt::format("{}0{:o}", prefix, magnitude);
      case Base::kDecimal:
        return fmt::format("{}{}", prefix, magnitude);
      case Base::kHexadecimal:
        break;
    }
    return fmt::format("{}0x{:x}", prefix, magnitude);
  }

  std::string read_string(ByteReader& reader) {
    const std::u16string text = read_text(reader, "a string");
    if (text.find(u'"') != std::u16string::npos) {
      refuse("SDDL cannot express a string with a quotation mark in it");
    }
    return fmt::format("\"{}\"", to_wtf8(text));
  }

  // A SID states its size twice, as a literal and by its own count.
  static std::string read_sid_text(ByteReader& reader) {
    const std::uint32_t size = reader.read<Le32>("a SID's size");
    const std::uint64_t base = reader.position();
    ByteReader sid_reader(reader.take(size, "a SID"), kSubject, base);
    const Sid sid = read_sid(sid_reader);
    if (sid_reader.remaining() > 0) {
      reader.fail("a SID is shorter than its stated size");
    }
    return fmt::format("SID({})", sid_text(sid));
  }

  ByteReader reader_;
  std::vector<Node> nodes_;
  std::vector<std::size_t> stack_;  // the nodes that are not yet an operand
};

// Returns true if an operand of a logical operator needs parentheses to be parsed as the same tree.
bool needs_parentheses(const Node& above, const Node& operand, bool is_right) {
  if (above.kind == NodeKind::kNot) {
    return true;
  }
  const bool is_chain = operand.kind == NodeKind::kAnd || operand.kind == NodeKind::kOr;
  return is_chain && (operand.kind != above.kind || is_right);
}

// Writes an expression. Uses a stack of the remaining pieces, since the expression may be deep.
std::string write(const std::vector<Node>& nodes, std::size_t root) {
  using Piece = std::variant<std::string_view, std::size_t>;
  std::string text;
  std::vector<Piece> to_come = {")", root, "("};
  const auto put_operand = [&](const Node& above, std::size_t operand, bool is_right) {
    const bool in_parentheses = needs_parentheses(above, nodes[operand], is_right);
    to_come.emplace_back(in_parentheses ? ")" : "");
    to_come.emplace_back(operand);
    to_come.emplace_back(in_parentheses ? "(" : "");
  };
  while (!to_come.empty()) {
    const Piece piece = to_come.back();
    to_come.pop_back();
    if (const auto* const literal = std::get_if<std::string_view>(&piece)) {
      text += *literal;
      continue;
    }
    const Node& node = nodes[std::get<std::size_t>(piece)];
    if (node.kind == NodeKind::kNot) {
      put_operand(node, node.left, false);
      to_come.emplace_back("!");
    } else if (node.kind == NodeKind::kAnd || node.kind == NodeKind::kOr) {
      put_operand(node, node.right, true);
      to_come.emplace_back(node.kind == NodeKind::kAnd ? " && " : " || ");
      put_operand(node, node.left, false);
    } else {
      text += node.text;
    }
  }
  return text;
}

}  // namespace

std::string print_condition(ByteView data) {
  Reader reader(data);
  const std::size_t root = reader.read();
  return write(reader.nodes(), root);
}

}  // namespace cim::sddl
