// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT

// Names of publishers: one that is accepted is the same after it was spelled and parsed again.

#include <cstdint>
#include <cstdlib>
#include <span>

#include "appx/distinguished_name.h"
#include "base/bytes.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto name =
      cim::appx::parse_distinguished_name(cim::as_text(std::as_bytes(std::span(data, size))));
  if (name && cim::appx::parse_distinguished_name(cim::appx::to_text(*name)) != name) {
    std::abort();
  }
  return 0;
}
