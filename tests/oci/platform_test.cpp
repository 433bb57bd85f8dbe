// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include "cimlib/oci.h"

namespace cim::oci {
namespace {

TEST(Platform, IsParsedWithAndWithoutAVersion) {
  EXPECT_EQ(Platform::parse("windows/amd64"), (Platform{"windows", "amd64"}));
  EXPECT_EQ(Platform::parse("windows/amd64:10.0.20348.1"),
            (Platform{"windows", "amd64", "10.0.20348.1"}));
  for (const char* wrong : {"", "windows", "windows/", "/amd64",
                            "windows/amd64:", "windows/arm64/v8", "windows/:10.0"}) {
    EXPECT_FALSE(Platform::parse(wrong).has_value()) << wrong;
  }
}

TEST(Platform, RoundTrips) {
  EXPECT_EQ(Platform::parse("windows/amd64:10.0")->to_string(), "windows/amd64:10.0");
  EXPECT_EQ(Platform::parse("windows/amd64")->to_string(), "windows/amd64");
}

TEST(Platform, MatchesByCompleteVersionComponents) {
  const Platform found = *Platform::parse("windows/amd64:10.0.20348.1");
  for (const char* fits : {"windows/amd64", "windows/amd64:10.0.20348", "windows/amd64:10",
                           "windows/amd64:10.0.20348.1"}) {
    EXPECT_TRUE(Platform::parse(fits)->matches(found)) << fits;
  }
  for (const char* other : {"windows/arm64", "linux/amd64", "windows/amd64:10.0.2",
                            "windows/amd64:10.0.20348.1.1", "windows/amd64:10.0.20348.12"}) {
    EXPECT_FALSE(Platform::parse(other)->matches(found)) << other;
  }
}

}  // namespace
}  // namespace cim::oci
