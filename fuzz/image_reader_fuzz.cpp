// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT

// Damages an image, reads all of it, and searches it.

#include <cstddef>
#include <cstdint>

#include "cimlib/error.h"
#include "cimlib/find.h"

#include "damaged_image.h"
#include "image/read_whole.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static cim::fuzz::DamagedImage image(cim::fuzz::Damages::kWhatIsRead);
  const auto damaged = image.damage({data, size});
  cim::test::read_everything(damaged);
  try {
    cim::find(cim::Image(damaged),
              {.kinds = {cim::EntryKind::kFile, cim::EntryKind::kStream},
               .sddl = "(A;",
               .hash = cim::HashAlgorithm::kMd5,
               .max_zeros = 1 << 20},
              [](const cim::FoundEntry&) { return true; });
  } catch (const cim::Error&) {  // no walk is possible
  }
  return 0;
}
