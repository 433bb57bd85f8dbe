// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "ntfs/sddl_codes.h"

#include <algorithm>

#include <fmt/format.h>

#include "cimlib/error.h"

#include "ntfs/sid.h"

namespace cim::sddl {
namespace {

constexpr TypeCode kTypes[] = {
    {"A", AceType::kAccessAllowed},
    {"D", AceType::kAccessDenied},
    {"AU", AceType::kSystemAudit},
    {"AL", AceType::kSystemAlarm},
    {"OA", AceType::kAccessAllowedObject},
    {"OD", AceType::kAccessDeniedObject},
    {"OU", AceType::kSystemAuditObject},
    {"OL", AceType::kSystemAlarmObject},
    {"XA", AceType::kAccessAllowedCallback, Extra::kCondition},
    {"XD", AceType::kAccessDeniedCallback, Extra::kCondition},
    {"XU", AceType::kSystemAuditCallback, Extra::kCondition},
    {"ZA", AceType::kAccessAllowedCallbackObject, Extra::kCondition},
    {"ML", AceType::kSystemMandatoryLabel},
    {"RA", AceType::kSystemResourceAttribute, Extra::kClaim},
    {"SP", AceType::kSystemScopedPolicyId},
    {"TL", AceType::kSystemProcessTrustLabel},
    {"FL", AceType::kSystemAccessFilter, Extra::kCondition},
};

constexpr BitCode kAceFlags[] = {
    {ace_flag::kObjectInherit, "OI"},      {ace_flag::kContainerInherit, "CI"},
    {ace_flag::kNoPropagateInherit, "NP"}, {ace_flag::kInheritOnly, "IO"},
    {ace_flag::kInherited, "ID"},          {ace_flag::kCritical, "CR"},
    {ace_flag::kSuccessfulAccess, "SA"},   {ace_flag::kFailedAccess, "FA"},
};

constexpr BitCode kFilterFlags[] = {
    {ace_flag::kObjectInherit, "OI"},
    {ace_flag::kContainerInherit, "CI"},
    {ace_flag::kNoPropagateInherit, "NP"},
    {ace_flag::kInheritOnly, "IO"},
    {ace_flag::kInherited, "ID"},
    {ace_flag::kCritical, "CR"},
    {ace_flag::kTrustProtectedFilter, "TP"},
};

// KX equals KR; KR comes first and is therefore the one printed.
constexpr BitCode kWholeRights[] = {
    {0x1F01FF, "FA"}, {0x120089, "FR"}, {0x120116, "FW"}, {0x1200A0, "FX"},
    {0x0F003F, "KA"}, {0x020019, "KR"}, {0x020006, "KW"}, {0x020019, "KX"},
};

constexpr BitCode kSingleRights[] = {
    {0x00000001, "CC"}, {0x00000002, "DC"}, {0x00000004, "LC"}, {0x00000008, "SW"},
    {0x00000010, "RP"}, {0x00000020, "WP"}, {0x00000040, "DT"}, {0x00000080, "LO"},
    {0x00000100, "CR"}, {0x00010000, "SD"}, {0x00020000, "RC"}, {0x00040000, "WD"},
    {0x00080000, "WO"}, {0x10000000, "GA"}, {0x80000000, "GR"}, {0x40000000, "GW"},
    {0x20000000, "GX"},
};

constexpr BitCode kLabelRights[] = {{1, "NW"}, {2, "NR"}, {4, "NX"}};

struct Alias {
  std::string_view alias;
  std::string_view sid;
};

constexpr Alias kAliases[] = {
    {"AA", "S-1-5-32-579"},
    {"AC", "S-1-15-2-1"},
    {"AN", "S-1-5-7"},
    {"AO", "S-1-5-32-548"},
    {"AS", "S-1-18-1"},
    {"AU", "S-1-5-11"},
    {"BA", "S-1-5-32-544"},
    {"BG", "S-1-5-32-546"},
    {"BO", "S-1-5-32-551"},
    {"BU", "S-1-5-32-545"},
    {"CD", "S-1-5-32-574"},
    {"CG", "S-1-3-1"},
    {"CO", "S-1-3-0"},
    {"CY", "S-1-5-32-569"},
    {"ED", "S-1-5-9"},
    {"ER", "S-1-5-32-573"},
    {"ES", "S-1-5-32-576"},
    {"HA", "S-1-5-32-578"},
    {"HI", "S-1-16-12288"},
    {"IS", "S-1-5-32-568"},
    {"IU", "S-1-5-4"},
    {"LS", "S-1-5-19"},
    {"LU", "S-1-5-32-559"},
    {"LW", "S-1-16-4096"},
    {"ME", "S-1-16-8192"},
    {"MP", "S-1-16-8448"},
    {"MS", "S-1-5-32-577"},
    {"MU", "S-1-5-32-558"},
    {"NO", "S-1-5-32-556"},
    {"NS", "S-1-5-20"},
    {"NU", "S-1-5-2"},
    {"OW", "S-1-3-4"},
    {"PO", "S-1-5-32-550"},
    {"PS", "S-1-5-10"},
    {"PU", "S-1-5-32-547"},
    {"RA", "S-1-5-32-575"},
    {"RC", "S-1-5-12"},
    {"RD", "S-1-5-32-555"},
    {"RE", "S-1-5-32-552"},
    {"RM", "S-1-5-32-580"},
    {"RU", "S-1-5-32-554"},
    {"SI", "S-1-16-16384"},
    {"SO", "S-1-5-32-549"},
    {"SS", "S-1-18-2"},
    {"SU", "S-1-5-6"},
    {"SY", "S-1-5-18"},
    {"UD", "S-1-5-84-0-0-0-0-0"},
    {"WD", "S-1-1-0"},
    {"WR", "S-1-5-33"},
};

constexpr std::string_view kDomainAliases[] = {"AP", "CA", "CN", "DA", "DC", "DD", "DG", "DU", "EA",
                                               "EK", "KA", "LA", "LG", "PA", "RO", "RS", "SA"};

}  // namespace

const TypeCode* find_type(AceType type) noexcept {
  const auto* const found = std::ranges::find(kTypes, type, &TypeCode::type);
  return found != std::end(kTypes) ? found : nullptr;
}

const TypeCode* find_type(std::string_view code) noexcept {
  const auto* const found = std::ranges::find(kTypes, code, &TypeCode::code);
  return found != std::end(kTypes) ? found : nullptr;
}

std::span<const BitCode> ace_flags(AceType type) noexcept {
  if (type == AceType::kSystemAccessFilter) {
    return kFilterFlags;
  }
  return kAceFlags;
}

std::span<const BitCode> whole_rights() noexcept {
  return kWholeRights;
}

std::span<const BitCode> single_rights() noexcept {
  return kSingleRights;
}

std::span<const BitCode> label_rights() noexcept {
  return kLabelRights;
}

std::string sid_text(const Sid& sid) {
  std::string text = sid.to_string();
  const auto* const found = std::ranges::find(kAliases, text, &Alias::sid);
  return found != std::end(kAliases) ? std::string(found->alias) : text;
}

Sid take_sid_or_alias(std::string_view& text, std::size_t offset) {
  if (auto sid = take_sid(text)) {
    return *std::move(sid);
  }
  const std::string alias = to_capitals(text.substr(0, 2));
  if (std::ranges::find(kDomainAliases, alias) != std::end(kDomainAliases)) {
    throw Error(ErrorCode::kUnsupported, "SDDL",
                fmt::format("{} refers to an account of a domain that is unknown", alias), offset);
  }
  const auto* const found = std::ranges::find(kAliases, alias, &Alias::alias);
  if (found == std::end(kAliases)) {
    throw Error(ErrorCode::kCorrupt, "SDDL", "expected a SID", offset);
  }
  text.remove_prefix(alias.size());
  return Sid::parse(found->sid).value();
}

std::string to_capitals(std::string_view text) {
  std::string capitals(text);
  std::ranges::transform(capitals, capitals.begin(), [](char c) {
    return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  });
  return capitals;
}

}  // namespace cim::sddl
