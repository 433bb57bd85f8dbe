// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT

// Damages an image and reads all of it.

#include <cstddef>
#include <cstdint>

#include "damaged_image.h"
#include "image/read_whole.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static cim::fuzz::DamagedImage image(cim::fuzz::Damages::kWhatIsRead);
  cim::test::read_everything(image.damage({data, size}));
  return 0;
}
