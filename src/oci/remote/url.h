// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// Absolute http and https URLs, parsed by libcurl, so that what is checked is what it connects to.

#include <optional>
#include <string>
#include <string_view>

namespace cim::oci {

/// Encodes everything but letters, digits and "-._~", as for the value of a parameter.
std::string percent_encoded(std::string_view text);

class Url {
 public:
  /// Parses an absolute URL without a user; nullopt for anything else.
  static std::optional<Url> parse(std::string_view text);

  /// Returns the target of a reference that was received in a response from this URL: absolute, or
  /// relative to it.
  std::optional<Url> resolve(std::string_view reference) const;

  /// Returns the URL with a parameter added to its query.
  Url with_parameter(std::string_view name, std::string_view value) const;

  const std::string& text() const noexcept { return text_; }
  bool is_https() const noexcept { return scheme_ == "https"; }
  /// Returns true if scheme, host and port are equal.
  bool has_same_origin(const Url& other) const noexcept;
  /// Returns true for "localhost" and for addresses that packets cannot leave the machine for.
  bool is_loopback() const;
  /// Returns "https://host:port", for errors: paths and queries may contain secrets.
  std::string origin() const { return scheme_ + "://" + host_ + ":" + port_; }

 private:
  Url() = default;
  static std::optional<Url> from(const Url* base, std::string_view text);

  std::string text_;
  std::string scheme_;
  std::string host_;  // in lower case; an IPv6 address in brackets
  std::string port_;
};

}  // namespace cim::oci
