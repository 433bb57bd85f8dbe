// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT

// Lists of extended attributes: a list that parses must also encode, and parse to the same
// attributes, sorted.

#include <cstdint>
#include <cstdlib>
#include <span>

#include "cimlib/error.h"
#include "cimlib/extended_attributes.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  try {
    const auto list = cim::encode_extended_attributes(
        cim::parse_extended_attributes(std::as_bytes(std::span(data, size))));
    if (cim::encode_extended_attributes(cim::parse_extended_attributes(list)) != list) {
      std::abort();
    }
  } catch (const cim::Error&) {
    // Most inputs should be rejected.
  }
  return 0;
}
