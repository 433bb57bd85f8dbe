// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "appx/access.h"

#include <utility>

#include "cimlib/app_package.h"
#include "cimlib/security_descriptor.h"

namespace cim::appx {
namespace {

using namespace ace_flag;
constexpr unsigned kInheritance =
    kObjectInherit | kContainerInherit | kNoPropagateInherit | kInheritOnly | kInherited;

std::uint8_t without_inheritance(const Ace& ace) {
  return static_cast<std::uint8_t>(ace.flags & ~kInheritance);
}

// Returns the entry as a file inherits it ([MS-DTYP] 2.5.3.4.1); nullopt if it does not.
std::optional<Ace> inherited_by_file(Ace ace) {
  if ((ace.flags & kObjectInherit) == 0) {
    return std::nullopt;
  }
  ace.flags = static_cast<std::uint8_t>(without_inheritance(ace) | kInherited);
  return ace;
}

// Returns the entry as a directory inherits it. One for files only is kept to be passed on.
std::optional<Ace> inherited_by_directory(Ace ace) {
  const unsigned further = ace.flags & (kObjectInherit | kContainerInherit);
  const bool is_passed_on = (ace.flags & kNoPropagateInherit) == 0;
  const bool applies = (further & kContainerInherit) != 0;
  if (further == 0 || (!applies && !is_passed_on)) {
    return std::nullopt;
  }
  ace.flags = static_cast<std::uint8_t>(without_inheritance(ace) | kInherited |
                                        (is_passed_on ? further : 0U) |
                                        (applies ? 0U : unsigned{kInheritOnly}));
  return ace;
}

template <typename Inherit>
std::optional<Acl> inherited(const std::optional<Acl>& acl, Inherit inherit) {
  if (!acl) {
    return std::nullopt;
  }
  Acl result = {.revision = acl->revision};
  for (const Ace& ace : acl->aces) {
    if (auto passed = inherit(ace)) {
      result.aces.push_back(*std::move(passed));
    }
  }
  return result;
}

template <typename Inherit>
Bytes descriptor_below(SecurityDescriptor descriptor, Inherit inherit) {
  using namespace descriptor_control;
  descriptor.dacl = inherited(descriptor.dacl, inherit);
  descriptor.sacl = inherited(descriptor.sacl, inherit);
  unsigned control = descriptor.control;
  control &= ~unsigned{kDaclProtected | kSaclProtected};
  control |= descriptor.dacl ? unsigned{kDaclAutoInherited} : 0U;
  control |= descriptor.sacl ? unsigned{kSaclAutoInherited} : 0U;
  descriptor.control = static_cast<std::uint16_t>(control);
  return descriptor.encode();
}

}  // namespace

AccessControl AccessControl::from_sddl(const std::optional<std::string>& sddl) {
  if (!sddl) {
    return {};
  }
  const auto descriptor = SecurityDescriptor::from_sddl(*sddl);
  return {.top = descriptor.encode(),
          .directory = descriptor_below(descriptor, inherited_by_directory),
          .file = descriptor_below(descriptor, inherited_by_file)};
}

std::string inherited_sddl(std::string_view sddl, bool is_directory) {
  const AccessControl access = AccessControl::from_sddl(std::string(sddl));
  return SecurityDescriptor::parse(is_directory ? access.directory : access.file).to_sddl();
}

}  // namespace cim::appx
