// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// X.500 names of publishers and signers, as Windows spells them: "CN=Contoso, O=\"A, B\", C=US".
// The last attribute of a certificate comes first.

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace cim::appx {

struct NameAttribute {
  std::string type;             ///< object identifier, "2.5.4.3"
  std::string value;            ///< UTF-8
  bool joins_previous = false;  ///< separated from the one before it by `+`

  bool operator==(const NameAttribute&) const = default;
};

using DistinguishedName = std::vector<NameAttribute>;

/// Returns the spelling of Windows. Types without a keyword are spelled "OID.1.2.3".
std::string to_text(const DistinguishedName& name);

/// Parses that spelling, with any blanks around separators. nullopt if it is not such a name.
std::optional<DistinguishedName> parse_distinguished_name(std::string_view text);

/// Returns true if both are names with the same attributes in the same order.
bool is_same_distinguished_name(std::string_view a, std::string_view b);

}  // namespace cim::appx
