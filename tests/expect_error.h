// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// Expects a cim::Error with a certain code whose text contains certain words.

#include <string_view>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cimlib/error.h"

namespace cim::test {

template <typename Action>
void expect_error(ErrorCode code, std::string_view words, Action&& action) {
  try {
    action();
  } catch (const Error& error) {
    EXPECT_EQ(to_string(error.code()), to_string(code)) << error.what();
    EXPECT_THAT(error.what(), testing::HasSubstr(std::string(words)));
    return;
  }
  ADD_FAILURE() << "expected an error with the words \"" << words << "\", got none";
}

}  // namespace cim::test
