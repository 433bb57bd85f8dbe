// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT

// Names of parts of packages: one that is accepted has only names that Windows allows, and none
// that leads out of the package.

#include <cstdint>
#include <cstdlib>
#include <span>

#include "cimlib/error.h"

#include "appx/part_name.h"
#include "base/bytes.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text = cim::as_text(std::as_bytes(std::span(data, size)));
  try {
    const cim::appx::PartName name = cim::appx::decode_part_name(text, "archive");
    if (name.path.is_root() || name.text.empty() || cim::ImagePath::parse(name.text) != name.path) {
      std::abort();
    }
    for (const std::u16string& each : name.path.names()) {
      if (!cim::appx::name_fault(each).empty()) {
        std::abort();
      }
    }
  } catch (const cim::Error&) {
    // Most inputs should be rejected.
  }
  return 0;
}
