// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// Layers as plain trees, and the expected results of merging them: independent of the library, for
// tests with random hives.

#include <map>
#include <random>
#include <string>

#include "registry/edit/mutable_tree.h"

namespace cim::test {

/// Compares names in the order of hives.
struct NameLess {
  bool operator()(const std::u16string& a, const std::u16string& b) const;
};

/// A key with everything below it. Names are spellings; maps treat names that differ in case as
/// equal.
struct LayerKey {
  std::u16string name;
  unsigned semantics = 0;
  bool inherits_class = false;
  std::uint64_t time = 0;
  std::uint16_t flags = 0;
  std::uint8_t control = 0;
  std::u16string class_name;
  int descriptor = 0;
  std::map<std::u16string, registry::MutableValue, NameLess> values;
  std::map<std::u16string, LayerKey, NameLess> subkeys;
};

/// Returns a tree without layer semantics.
LayerKey random_base(std::mt19937& random);
/// Returns a delta as Windows would write it: deleted keys are empty, and below semantics 3 there
/// are only 1 and 3.
LayerKey random_delta(std::mt19937& random);

/// Returns the one delta that has the effect of both, `below` applied first.
LayerKey compose(const LayerKey& below, const LayerKey& above);

registry::Hive hive_of(const LayerKey& root, bool layered);

}  // namespace cim::test
