// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT

// Reparse buffers: one that parses, has names and is not too large must also encode, and parse to
// the same.

#include <cstdint>
#include <cstdlib>
#include <span>

#include "cimlib/error.h"
#include "cimlib/reparse.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  try {
    const auto point = cim::ReparsePoint::parse(std::as_bytes(std::span(data, size)));
    if (point.has_names() && cim::ReparsePoint::parse(point.encode()) != point) {
      std::abort();
    }
    static_cast<void>(point.target());
  } catch (const cim::Error&) {
    // Most inputs should be rejected.
  }
  return 0;
}
