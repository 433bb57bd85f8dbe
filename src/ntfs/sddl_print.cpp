// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include <fmt/format.h>

#include "cimlib/error.h"
#include "cimlib/security_descriptor.h"

#include "ntfs/condition.h"
#include "ntfs/sddl_codes.h"

namespace cim {
namespace {

using sddl::BitCode;
using sddl::Extra;

[[noreturn]] void refuse(const Ace& ace, std::string_view why) {
  throw Error(ErrorCode::kUnsupported, "SDDL",
              fmt::format("an ACE of type {:#x} {}", static_cast<unsigned>(ace.type), why));
}

// Returns the codes of all bits; nullopt if some have none.
std::optional<std::string> codes_of(std::uint32_t bits, std::span<const BitCode> codes) {
  std::string text;
  for (const auto& [bit, code] : codes) {
    if ((bits & bit) != 0) {
      text += code;
      bits &= ~bit;
    }
  }
  return bits == 0 ? std::optional(std::move(text)) : std::nullopt;
}

std::string rights_text(const Ace& ace) {
  const bool is_label = ace.type == AceType::kSystemMandatoryLabel;
  if (!is_label) {
    for (const auto& [bits, code] : sddl::whole_rights()) {
      if (ace.mask == bits) {
        return std::string(code);
      }
    }
  }
  const auto codes = codes_of(ace.mask, is_label ? sddl::label_rights() : sddl::single_rights());
  return codes ? *codes : fmt::format("{:#x}", ace.mask);
}

std::string guid_text(const std::optional<Guid>& guid) {
  return guid ? guid->to_string() : "";
}

// Returns the seventh field with its semicolon; empty for types that lack the field.
std::string extra_text(const Ace& ace, Extra extra) {
  switch (extra) {
    case Extra::kNone:
      break;
    case Extra::kCondition:
      try {
        return ";" + sddl::print_condition(ace.data);
      } catch (const Error& error) {
        refuse(ace, fmt::format("has a condition that SDDL cannot express: {}", error.reason()));
      }
    case Extra::kClaim:
      refuse(ace, "is a claim, which is not supported");
  }
  return "";
}

std::string ace_text(const Ace& ace) {
  const auto* const type = sddl::find_type(ace.type);
  if (type == nullptr) {
    refuse(ace, "cannot be expressed in SDDL");
  }
  const auto flags = codes_of(ace.flags, sddl::ace_flags(ace.type));
  if (!flags) {
    refuse(ace, fmt::format("has flags {:#x}, which SDDL cannot express", ace.flags));
  }
  return fmt::format("({};{};{};{};{};{}{})", type->code, *flags, rights_text(ace),
                     guid_text(ace.object_type), guid_text(ace.inherited_object_type),
                     sddl::sid_text(ace.sid), extra_text(ace, type->extra));
}

std::string acl_text(std::string_view tag, const std::optional<Acl>& acl, std::uint16_t control,
                     const sddl::AclControl& bits) {
  if (!acl && (control & bits.present) == 0) {
    return "";
  }
  std::string text(tag);
  text += (control & bits.is_protected) != 0 ? "P" : "";
  text += (control & bits.auto_inherit_required) != 0 ? "AR" : "";
  text += (control & bits.auto_inherited) != 0 ? "AI" : "";
  if (!acl) {
    return text + "NO_ACCESS_CONTROL";
  }
  for (const Ace& ace : acl->aces) {
    text += ace_text(ace);
  }
  return text;
}

}  // namespace

std::string SecurityDescriptor::to_sddl() const {
  std::string text;
  text += owner ? "O:" + sddl::sid_text(*owner) : "";
  text += group ? "G:" + sddl::sid_text(*group) : "";
  text += acl_text("D:", dacl, control, sddl::kDaclControl);
  text += acl_text("S:", sacl, control, sddl::kSaclControl);
  return text;
}

}  // namespace cim
