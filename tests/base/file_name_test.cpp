// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
// File systems of POSIX count the bytes of a name, those of Windows its UTF-16 units.

#include <filesystem>
#include <string>
#include <string_view>

#include <gtest/gtest.h>

#include "base/file.h"
#include "temporary_directory.h"

namespace cim {
namespace {

TEST(AtomicFile, MayHaveANameOfAsManyBytesAsCanBe) {
  const test::TemporaryDirectory directory;
  for (const std::string_view letter : {"\u00e4", "\u20ac", "\U0001F600"}) {
    std::string name;
    while (name.size() + letter.size() <= 255) {
      name += letter;
    }
    const auto path = directory.path() / name;
    AtomicFile file(path);
    file.publish(Publish::kReplace);
    EXPECT_TRUE(std::filesystem::is_regular_file(path));
  }
}

}  // namespace
}  // namespace cim
