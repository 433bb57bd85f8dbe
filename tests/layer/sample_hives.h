// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// The hives of made-up layers: text values of the root, by which layers are told apart.

#include <map>
#include <string>
#include <string_view>

namespace cim::test {

using HiveTexts = std::map<std::u16string, std::u16string>;

/// The file of a hive with these values.
std::string base_hive(const HiveTexts& values);
/// The file of differences that set these values.
std::string delta_hive(const HiveTexts& values);

/// A hive without values whose update came to no end, and the log that gives it those of the
/// update.
struct TornHive {
  std::string hive;
  std::string log;
};
TornHive torn_hive(const HiveTexts& values);
/// The values in a hive's file, as in "a=1 b=2".
std::string hive_texts(std::string_view file);

}  // namespace cim::test
