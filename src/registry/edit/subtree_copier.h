// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// Copies keys from a hive into a hive under construction, without decoding them.

#include <cstdint>

#include "os/seeded_hash.h"
#include "registry/format/cell_views.h"
#include "registry/write/hive_builder.h"

namespace cim::registry {

/// Copies from one source to one builder; remembers which descriptor cells it has already passed
/// on.
class SubtreeCopier {
 public:
  explicit SubtreeCopier(HiveBuilder& builder) : builder_(builder) {}

  /// Returns the key's own attributes as the source has them, without its values and subkeys.
  KeyContent content_of(const KeyView& key);
  DescriptorId descriptor_of(const KeyView& key);

  static ValueContent content_of(const ValueView& value);

  /// Copies the key with its values and everything below it, including layer bits.
  void copy(const KeyView& key);
  void copy_values(const KeyView& key);

 private:
  HiveBuilder& builder_;
  SeededMap<std::uint32_t, DescriptorId> descriptors_;
  std::uint32_t last_pointer_ = kNil;
  DescriptorId last_id_{};
};

}  // namespace cim::registry
