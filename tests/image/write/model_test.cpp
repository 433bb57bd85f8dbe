// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
// Random operations on images and on a model of them: both must agree after every commit.
//
// CIMLIB_MODEL_SEQUENCES is the number of sequences, CIMLIB_MODEL_SEED the seed of the first.

#include <cstdlib>

#include <gtest/gtest.h>

#include "image/model_images.h"

namespace cim {
namespace {

unsigned from_environment(const char* name, unsigned otherwise) {
  const char* const text = std::getenv(name);
  return text == nullptr ? otherwise : static_cast<unsigned>(std::strtoul(text, nullptr, 10));
}

TEST(Model, AgreesWithImagesAfterRandomOperations) {
  const unsigned sequences = from_environment("CIMLIB_MODEL_SEQUENCES", 150);
  const unsigned seed = from_environment("CIMLIB_MODEL_SEED", 1);
  for (unsigned i = 0; i < sequences && !testing::Test::HasFailure(); ++i) {
    SCOPED_TRACE("CIMLIB_MODEL_SEED=" + std::to_string(seed + i));
    test::compare_with_model(test::Dice(seed + i));
  }
}

}  // namespace
}  // namespace cim
