// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// Digests in the notation of OCI documents. Only SHA-256 in its canonical spelling is accepted, so
// that a digest can be part of a path.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "os/crypto.h"

namespace cim::oci {

class Digest {
 public:
  explicit Digest(const Sha256Digest& digest) : hex_(cim::to_hex(digest)) {}

  /// Parses "sha256:" and 64 lower-case hexadecimal digits; returns nullopt for anything else.
  static std::optional<Digest> parse(std::string_view text);

  const std::string& hex() const noexcept { return hex_; }
  std::string text() const { return "sha256:" + hex_; }

  bool operator==(const Digest&) const = default;

 private:
  explicit Digest(std::string hex) : hex_(std::move(hex)) {}

  std::string hex_;
};

/// Returns the chain id of each layer from the diff ids of an image, the base first.
std::vector<Digest> chain_ids(const std::vector<Digest>& diff_ids);

}  // namespace cim::oci
