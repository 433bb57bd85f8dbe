// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// Executables for tests: valid by default, with fields that a test can change.

#include <cstdint>
#include <vector>

#include "base/bytes.h"

namespace cim::test {

struct SampleSection {
  std::uint32_t virtual_size = 0;
  std::uint32_t virtual_address = 0;
  std::uint32_t raw_size = 0;
  std::uint32_t raw_offset = 0;
};

struct SamplePe {
  std::uint32_t section_alignment = 4096;
  std::uint32_t image_size = 0x4000;
  std::uint32_t headers_size = 0x400;
  std::uint16_t optional_magic = 0x20B;
  std::vector<SampleSection> sections = {{0x1100, 0x1000, 0x1200, 0x400},
                                         {0x500, 0x3000, 0x200, 0x1600}};
  std::uint32_t file_size = 0x1800;

  /// Returns the headers, and bytes that depend on their position for the rest.
  Bytes bytes() const;
};

}  // namespace cim::test
