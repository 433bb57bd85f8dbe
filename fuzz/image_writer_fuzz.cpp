// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT

// Performs the operations that the input encodes, on images and on a model of them. After each
// commit all images are read back, compared with the model, and checked at full depth.

#include <cstddef>
#include <cstdint>

#include <gtest/gtest.h>

#include "image/model_images.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  GTEST_FLAG_SET(break_on_failure, true);
  GTEST_FLAG_SET(throw_on_failure, false);
  cim::test::compare_with_model(cim::test::Dice(std::as_bytes(std::span(data, size))));
  return 0;
}
