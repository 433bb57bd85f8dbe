// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// Layers as plain trees, and what laying one over another should give: made apart from the library,
// for tests that try random hives.

#include <map>
#include <random>
#include <string>

#include "registry/edit/mutable_tree.h"

namespace cim::test {

/// Orders names as hives do.
struct NameLess {
  bool operator()(const std::u16string& a, const std::u16string& b) const;
};

/// A key with all below it. Names are the spelling; maps join those that differ in case.
struct LayerKey {
  std::u16string name;
  unsigned semantics = 0;
  bool inherits_class = false;
  std::uint64_t time = 0;
  std::uint16_t flags = 0;
  std::uint8_t control = 0;
  std::u16string class_name;
  int descriptor = 0;
  std::map<std::u16string, registry::ModelValue, NameLess> values;
  std::map<std::u16string, LayerKey, NameLess> subkeys;
};

/// A tree without layers.
LayerKey random_base(std::mt19937& random);
/// A delta as Windows would write one: nothing in deleted keys, only 1 and 3 below 3.
LayerKey random_delta(std::mt19937& random);

/// The one delta that does what both do, the first below the second.
LayerKey compose(const LayerKey& below, const LayerKey& above);

registry::Hive hive_of(const LayerKey& root, bool layered);

}  // namespace cim::test
