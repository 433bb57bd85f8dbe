// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// A sound hive, and everything that can be wrong with one: each case damages one thing.

#include <functional>
#include <string>
#include <vector>

#include "cimlib/hive.h"

#include "hive_file.h"

namespace cim::test {

struct DamageCase {
  std::string name;
  registry::Severity severity;
  std::string words;  ///< that the finding says
  std::function<void(HiveFile&)> damage;
};

/// Shows one case by its name.
inline void PrintTo(const DamageCase& damage_case, std::ostream* out) {
  *out << damage_case.name;
}

/// Keys Alpha (with a class), Beta\Kid (another descriptor), Many with 600 subkeys in two lists,
/// and one that needs UTF-16; values of every way of storing them.
registry::Model sample_model();
HiveFile sample_hive();
/// Keys deleted, superseding their tree, and merging.
HiveFile sample_delta();

const std::vector<DamageCase>& damage_cases();
/// Cases that make sense in a delta only.
const std::vector<DamageCase>& delta_damage_cases();

}  // namespace cim::test
