// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "oci/digest.h"

#include <algorithm>

namespace cim::oci {

std::optional<Digest> Digest::parse(std::string_view text) {
  constexpr std::string_view kPrefix = "sha256:";
  constexpr std::size_t kDigits = 64;
  if (!text.starts_with(kPrefix) || text.size() != kPrefix.size() + kDigits) {
    return std::nullopt;
  }
  text.remove_prefix(kPrefix.size());
  const bool is_hex = std::ranges::all_of(
      text, [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
  return is_hex ? std::optional(Digest(std::string(text))) : std::nullopt;
}

std::vector<Digest> chain_ids(const std::vector<Digest>& diff_ids) {
  std::vector<Digest> chain;
  chain.reserve(diff_ids.size());
  for (const Digest& diff_id : diff_ids) {
    chain.push_back(chain.empty()
                        ? diff_id
                        : Digest(Sha256::of(as_bytes(chain.back().text() + " " + diff_id.text()))));
  }
  return chain;
}

}  // namespace cim::oci
