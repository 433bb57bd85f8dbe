// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "base/printable.h"

#include <string>

#include <gtest/gtest.h>

namespace cim {
namespace {

TEST(Printable, ShowsAnyBytesInOneLine) {
  EXPECT_EQ(printable("Files/\u00fc \U0001F600"), "Files/\u00fc \U0001F600");
  EXPECT_EQ(printable("a\nb"), "a\\x0ab");
  EXPECT_EQ(printable("\u0085"), "\\xc2\\x85");
  EXPECT_EQ(printable("\xFF"), "\\xff");
  EXPECT_EQ(printable(std::string(299, 'a') + "\u00fcb"), std::string(299, 'a') + "...");
}

}  // namespace
}  // namespace cim
