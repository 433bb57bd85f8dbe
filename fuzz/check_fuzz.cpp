// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT

// Damages an image and checks it. If the check finds no fault, all of the image must be readable.

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>

#include "cimlib/check.h"
#include "cimlib/error.h"

#include "damaged_image.h"
#include "image/read_whole.h"

namespace {

// True if the check completed and found no fault.
bool has_no_fault(const std::filesystem::path& image, cim::CheckDepth depth) {
  try {
    return cim::check(image, {.depth = depth, .max_findings = 100}).faults == 0;
  } catch (const cim::Error&) {
    return false;
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static cim::fuzz::DamagedImage damaged(cim::fuzz::Damages::kObjectIdsToo);
  const auto& image = damaged.damage({data, size});
  has_no_fault(image, cim::CheckDepth::kDeep);
  if (has_no_fault(image, cim::CheckDepth::kStructure)) {
    try {
      cim::test::read_strictly(image);
    } catch (const cim::Error& error) {
      std::fprintf(stderr, "check found nothing, and then: %s\n", error.what());
      std::abort();
    }
  }
  return 0;
}
