// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// Copies keys from a hive to one under construction, without taking them apart.

#include <cstdint>

#include "os/seeded_hash.h"
#include "registry/format/cell_views.h"
#include "registry/write/hive_builder.h"

namespace cim::registry {

/// One source and one builder; remembers which descriptor cells it has handed over.
class SubtreeCopier {
 public:
  explicit SubtreeCopier(HiveBuilder& builder) : builder_(builder) {}

  /// All of a key that is not its name's place in the tree, as the source has it.
  KeyContent content_of(const KeyView& key);
  DescriptorId descriptor_of(const KeyView& key);

  static ValueContent content_of(const ValueView& value);

  /// The key with its values and everything below it, layer bits included.
  void copy(const KeyView& key);
  void copy_values(const KeyView& key);

 private:
  HiveBuilder& builder_;
  SeededMap<std::uint32_t, DescriptorId> descriptors_;
  std::uint32_t last_pointer_ = kNil;
  DescriptorId last_id_{};
};

}  // namespace cim::registry
