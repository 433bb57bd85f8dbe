// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT

// The input is parsed as the value of each header that a registry may send.

#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "oci/remote/challenge.h"
#include "oci/remote/response_headers.h"

namespace {

void expect(bool condition) {
  if (!condition) {
    std::abort();
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  for (const auto& challenge : cim::oci::parse_challenges(text)) {
    expect(!challenge.scheme.empty());
  }
  if (const auto range = cim::oci::parse_content_range(text)) {
    expect(range->first <= range->last && (!range->total || range->last < *range->total));
  }
  if (const auto pause = cim::oci::parse_retry_after(text, std::chrono::system_clock::now())) {
    expect(pause->count() >= 0);
  }
  if (const auto link = cim::oci::next_link(text)) {
    expect(link->find('>') == std::string::npos);
  }
  expect(cim::oci::media_type_of(text).find(';') == std::string::npos);
  return 0;
}
