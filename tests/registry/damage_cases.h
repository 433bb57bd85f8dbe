// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// A valid hive, and all kinds of damage to it: each case damages one thing.

#include <functional>
#include <string>
#include <vector>

#include "cimlib/hive.h"

#include "hive_file.h"

namespace cim::test {

struct DamageCase {
  std::string name;
  Severity severity;
  std::string words;  ///< contained in the finding
  std::function<void(HiveFile&)> damage;
};

/// Prints a case as its name.
inline void PrintTo(const DamageCase& damage_case, std::ostream* out) {
  *out << damage_case.name;
}

/// Returns a hive with keys Alpha (with a class), Beta\Kid (another descriptor), Many with 600
/// subkeys in two lists, and one that needs UTF-16; the values cover every form of storage.
registry::MutableTree sample_model();
HiveFile sample_hive();
/// Returns a delta with keys that are deleted, supersede their tree, and merge.
HiveFile sample_delta();

const std::vector<DamageCase>& damage_cases();
/// Returns the cases that make sense only in a delta.
const std::vector<DamageCase>& delta_damage_cases();

}  // namespace cim::test
