// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include <cstdint>

#include <gtest/gtest.h>

#include "cimlib/cimfs.h"

namespace {

TEST(CimfsHeader, HasTheValuesOfWindows) {
  EXPECT_EQ(static_cast<std::uint32_t>(E_INVALIDARG), 0x80070057U);
  EXPECT_EQ(static_cast<std::uint32_t>(E_POINTER), 0x80004003U);
  EXPECT_EQ(static_cast<std::uint32_t>(E_ACCESSDENIED), 0x80070005U);
  EXPECT_EQ(static_cast<std::uint32_t>(E_OUTOFMEMORY), 0x8007000EU);
  EXPECT_EQ(static_cast<std::uint32_t>(E_UNEXPECTED), 0x8000FFFFU);
  EXPECT_EQ(static_cast<std::uint32_t>(HRESULT_FROM_WIN32(ERROR_SHARING_VIOLATION)), 0x80070020U);
  EXPECT_EQ(static_cast<std::uint32_t>(HRESULT_FROM_WIN32(ERROR_FILE_CORRUPT)), 0x80070570U);
  EXPECT_TRUE(SUCCEEDED(S_FALSE));
  EXPECT_TRUE(FAILED(E_INVALIDARG));
}

}  // namespace
