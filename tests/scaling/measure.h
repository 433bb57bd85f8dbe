// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// Inputs with a number of something, and what the work on them costs.
//
// A folder of the library adds a countable in a few lines:
//
//   {"keys of a key", 1000, [](std::size_t n) {
//      return [hive = hive_of_keys(n)] { registry::check(hive); };
//    }},

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <ostream>
#include <string>
#include <vector>

namespace cim::test {

struct Countable {
  std::string name;
  /// The number in the small input; the large one has ten times as many.
  std::size_t count = 0;
  /// Makes an input with that many, or with none, and returns the work on it, which is called once.
  std::function<std::function<void()>(std::size_t)> prepare;
};

inline void PrintTo(const Countable& countable, std::ostream* out) {
  *out << countable.name;
}

/// Instructions that work takes.
struct Costs {
  std::uint64_t none = 0;  ///< on an input with none of what is counted: what any input costs
  std::uint64_t few = 0;
  std::uint64_t many = 0;  ///< on ten times as many

  /// Returns how often the cost of the few is in the cost of the many, above nine tenths of what
  /// any input costs. The last tenth is kept because that cost differs a little between inputs.
  double growth() const;
  /// At most fifteen times, which leaves room for n log n. If each of the counted things costs `a`
  /// instructions and looks at each of the others in `c`, this fails from a / (17 c) things on.
  bool are_in_proportion() const { return growth() <= 15; }
};

/// The work on the inputs of one countable. Everything is prepared by the constructor, so that
/// callgrind, which makes programs slower by a factor of fifty, can be off meanwhile.
class Measurement {
 public:
  explicit Measurement(const Countable& countable);

  /// Does the work and counts. Can be called once.
  Costs costs() const;

 private:
  std::function<void()> first_;  ///< also does what a process does only once
  std::function<void()> none_;
  std::function<void()> few_;
  std::function<void()> many_;
};

/// Turns callgrind off, for preparations after some work was measured.
void stop_counting();

/// Removes the object id files of a directory of images, which other writers do not write.
void remove_object_ids(const std::filesystem::path& directory);

std::vector<Countable> backup_stream_countables();
std::vector<Countable> descriptor_countables();
std::vector<Countable> glob_countables();
std::vector<Countable> hive_countables();
std::vector<Countable> image_countables();
std::vector<Countable> layer_countables();
std::vector<Countable> mount_countables();
std::vector<Countable> oci_countables();
std::vector<Countable> package_countables();
std::vector<Countable> report_countables();
std::vector<Countable> store_countables();
std::vector<Countable> tar_countables();

}  // namespace cim::test
