// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
// A recursive descent over the text of a descriptor. rest_ is what has not been parsed, so its
// distance from text_ is the position that errors report.
#include <algorithm>
#include <charconv>
#include <limits>

#include <fmt/format.h>

#include "cimlib/error.h"
#include "cimlib/security_descriptor.h"

#include "ntfs/acl.h"
#include "ntfs/condition.h"
#include "ntfs/sddl_codes.h"

namespace cim {
namespace {

using sddl::BitCode;
using sddl::Extra;
using sddl::to_capitals;

class Parser {
 public:
  explicit Parser(std::string_view text) : text_(text), rest_(text) {}

  SecurityDescriptor parse() {
    while (!rest_.empty()) {
      parse_component();
    }
    return std::move(descriptor_);
  }

 private:
  [[noreturn]] void fail(std::string reason, ErrorCode code = ErrorCode::kCorrupt) const {
    throw Error(code, "SDDL", std::move(reason), offset());
  }

  // Removes `expected`, which is in upper case, in either case.
  bool take(std::string_view expected) {
    if (to_capitals(rest_.substr(0, expected.size())) != expected) {
      return false;
    }
    rest_.remove_prefix(expected.size());
    return true;
  }

  void expect(std::string_view expected, std::string_view where) {
    if (!take(expected)) {
      fail(fmt::format("\"{}\" is missing {}", expected, where));
    }
  }

  // The four parts may come in any order, each once.
  void parse_component() {
    if (take("O:")) {
      parse_sid_component(descriptor_.owner, "owner");
    } else if (take("G:")) {
      parse_sid_component(descriptor_.group, "group");
    } else if (take("D:")) {
      parse_acl_component(descriptor_.dacl, sddl::kDaclControl);
    } else if (take("S:")) {
      parse_acl_component(descriptor_.sacl, sddl::kSaclControl);
    } else {
      fail("expected O:, G:, D: or S:");
    }
  }

  void parse_sid_component(std::optional<Sid>& into, std::string_view what) {
    if (into) {
      fail(fmt::format("duplicate {}", what));
    }
    into = parse_sid();
  }

  std::size_t offset() const { return text_.size() - rest_.size(); }

  Sid parse_sid() { return sddl::take_sid_or_alias(rest_, offset()); }

  // Flags, then any number of entries. An entry with GUIDs raises the revision of the list.
  void parse_acl_component(std::optional<Acl>& into, const sddl::AclControl& bits) {
    if ((descriptor_.control & bits.present) != 0) {
      fail("duplicate list");
    }
    descriptor_.control |= bits.present;
    const bool is_null = parse_acl_flags(bits);
    if (!is_null) {
      into = Acl{};
    }
    while (rest_.starts_with('(')) {
      if (is_null) {
        fail("NO_ACCESS_CONTROL cannot have entries");
      }
      into->aces.push_back(parse_ace());
      if (shape_of(into->aces.back().type) == AceShape::kObject) {
        into->revision = Acl::kRevisionWithObjects;
      }
    }
  }

  // Returns true for a NULL ACL.
  bool parse_acl_flags(const sddl::AclControl& bits) {
    bool is_null = false;
    while (true) {
      if (take("P")) {
        descriptor_.control |= bits.is_protected;
      } else if (take("AR")) {
        descriptor_.control |= bits.auto_inherit_required;
      } else if (take("AI")) {
        descriptor_.control |= bits.auto_inherited;
      } else if (take("NO_ACCESS_CONTROL")) {
        is_null = true;
      } else {
        return is_null;
      }
    }
  }

  // "(TYPE;FLAGS;RIGHTS;OBJECT;INHERITED;SID)", with a seventh field for some types.
  Ace parse_ace() {
    expect("(", "before an ACE");
    const sddl::TypeCode& type = parse_type();
    Ace ace{.type = type.type};
    expect(";", "after the type");
    ace.flags = static_cast<std::uint8_t>(parse_codes({sddl::ace_flags(type.type)}, "ACE flag"));
    expect(";", "after the flags");
    ace.mask = parse_rights();
    expect(";", "after the rights");
    ace.object_type = parse_guid(ace);
    expect(";", "after the object type");
    ace.inherited_object_type = parse_guid(ace);
    expect(";", "after the inherited object type");
    ace.sid = parse_sid();
    if (type.extra == Extra::kCondition) {
      expect(";", "before the condition");
      ace.data = sddl::take_condition(rest_, offset());
    } else if (type.extra == Extra::kClaim) {
      fail("claims are not supported", ErrorCode::kUnsupported);
    }
    expect(")", "at the end of the ACE");
    return ace;
  }

  // Returns the text up to the end of a field.
  std::string_view field() const { return rest_.substr(0, rest_.find_first_of(";)")); }

  const sddl::TypeCode& parse_type() {
    const auto* const type = sddl::find_type(to_capitals(field()));
    if (type == nullptr) {
      fail("expected an ACE type");
    }
    rest_.remove_prefix(type->code.size());
    return *type;
  }

  // Parses a sequence of two-letter codes up to the end of the field.
  std::uint32_t parse_codes(std::initializer_list<std::span<const BitCode>> tables,
                            std::string_view what) {
    std::uint32_t bits = 0;
    std::string_view left = field();
    while (!left.empty()) {
      const BitCode* const found = find_code(tables, to_capitals(left.substr(0, 2)));
      if (found == nullptr) {
        fail(fmt::format("expected a valid {}", what));
      }
      bits |= found->bits;
      left.remove_prefix(found->code.size());
      rest_.remove_prefix(found->code.size());
    }
    return bits;
  }

  static const BitCode* find_code(std::initializer_list<std::span<const BitCode>> tables,
                                  std::string_view code) {
    for (const auto& table : tables) {
      const auto found = std::ranges::find(table, code, &BitCode::code);
      if (found != table.end()) {
        return &*found;
      }
    }
    return nullptr;
  }

  // Rights are codes or one number, never both.
  std::uint32_t parse_rights() {
    if (!field().empty() && field().front() >= '0' && field().front() <= '9') {
      return parse_mask();
    }
    return parse_codes({sddl::whole_rights(), sddl::single_rights(), sddl::label_rights()},
                       "right");
  }

  // Decimal, octal with a leading zero, or hexadecimal.
  std::uint32_t parse_mask() {
    const int base = take("0X") ? 16 : rest_.front() == '0' ? 8 : 10;
    const std::string_view digits = field();
    std::uint32_t mask = 0;
    const char* const end = digits.data() + digits.size();
    const auto [stopped, error] = std::from_chars(digits.data(), end, mask, base);
    if (error != std::errc{} || stopped != end) {
      fail("the rights are not a 32-bit number");
    }
    rest_.remove_prefix(digits.size());
    return mask;
  }

  std::optional<Guid> parse_guid(const Ace& ace) {
    const std::string_view text = field();
    if (text.empty()) {
      return std::nullopt;
    }
    if (shape_of(ace.type) != AceShape::kObject) {
      fail("only object ACEs have an object type");
    }
    const auto guid = Guid::parse(text);
    if (!guid) {
      fail("the object type is not a GUID");
    }
    rest_.remove_prefix(text.size());
    return guid;
  }

  std::string_view text_;
  std::string_view rest_;
  SecurityDescriptor descriptor_;
};

}  // namespace

SecurityDescriptor SecurityDescriptor::from_sddl(std::string_view text) {
  return Parser(text).parse();
}

}  // namespace cim
