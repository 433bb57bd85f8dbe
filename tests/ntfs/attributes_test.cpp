// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "cimlib/attributes.h"

#include <gtest/gtest.h>

namespace cim {
namespace {

TEST(Attributes, PrintNamesInTheOrderOfBits) {
  EXPECT_EQ(attributes_to_string(0x13), "readonly|hidden|directory");
  EXPECT_EQ(attributes_to_string(0x620), "archive|sparse-file|reparse-point");
  EXPECT_EQ(attributes_to_string(0x6F800),
            "compressed|offline|not-content-indexed|encrypted|integrity-stream|no-scrub-data|"
            "recall-on-open");
}

TEST(Attributes, PrintNoneAndNormalAsNormal) {
  EXPECT_EQ(attributes_to_string(0), "normal");
  EXPECT_EQ(attributes_to_string(attribute::kNormal), "normal");
}

TEST(Attributes, PrintUnknownBitsAsOneNumber) {
  EXPECT_EQ(attributes_to_string(0x80100004), "system|0x80100000");
  EXPECT_EQ(attributes_to_string(0x48), "0x48");
}

}  // namespace
}  // namespace cim
