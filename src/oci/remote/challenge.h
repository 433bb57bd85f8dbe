// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// How a server asks for authentication: the header WWW-Authenticate (RFC 9110, section 11.6.1).

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace cim::oci {

/// One way to authenticate that a server offers.
struct Challenge {
  std::string scheme;                             // "bearer", in lower case
  std::map<std::string, std::string> parameters;  // by name in lower case

  /// Returns a parameter; empty if it is missing.
  std::string parameter(const std::string& name) const;

  bool operator==(const Challenge&) const = default;
};

/// Parses the value of a header, which may offer several. From the first error on, the rest of the
/// header is ignored; a challenge that contains the error is dropped.
std::vector<Challenge> parse_challenges(std::string_view header);

}  // namespace cim::oci
