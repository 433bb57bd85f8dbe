// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// The hives of sample layers: text values of the root, which distinguish the layers.

#include <map>
#include <string>
#include <string_view>

namespace cim::test {

using HiveTexts = std::map<std::u16string, std::u16string>;

/// Returns the file of a hive with these values.
std::string base_hive(const HiveTexts& values);
/// Returns the file of a delta hive that sets these values.
std::string delta_hive(const HiveTexts& values);

/// A hive without values whose update was interrupted, and the log that gives it the values of the
/// update.
struct TornHive {
  std::string hive;
  std::string log;
};
TornHive torn_hive(const HiveTexts& values);
/// Returns the values in a hive's file, such as "a=1 b=2".
std::string hive_texts(std::string_view file);

}  // namespace cim::test
