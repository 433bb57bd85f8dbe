// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT

// Signatures: PKCS #7 by libcrypto, digests by cimlib.

#include <cstdint>
#include <cstdlib>
#include <span>

#include "appx/signature.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto parsed = cim::appx::parse_signature(std::as_bytes(std::span(data, size)));
  if (parsed.signature.is_valid != parsed.signature.fault.empty()) {
    std::abort();
  }
  return 0;
}
