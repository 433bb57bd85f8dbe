// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// Inputs with a number of something, and how much the work may grow for ten times as many.
//
// A folder of the library adds a countable in a few lines:
//
//   {"keys of a key", 1000, [](std::size_t n) {
//      return [hive = hive_of_keys(n)] { registry::check(hive); };
//    }},

#include <cstddef>
#include <cstdint>
#include <functional>
#include <ostream>
#include <string>
#include <vector>

namespace cim::test {

struct Countable {
  std::string name;
  /// The number in the small input; the large one has ten times as many.
  std::size_t count = 0;
  /// Makes an input with that many and returns the work on it, which is called once.
  std::function<std::function<void()>(std::size_t)> prepare;
};

inline void PrintTo(const Countable& countable, std::ostream* out) {
  *out << countable.name;
}

std::vector<Countable> descriptor_countables();
std::vector<Countable> hive_countables();
std::vector<Countable> image_countables();
std::vector<Countable> layer_countables();
std::vector<Countable> mount_countables();
std::vector<Countable> oci_countables();
std::vector<Countable> tar_countables();

}  // namespace cim::test
