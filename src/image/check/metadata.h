// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// Checks what a record refers to besides data: security descriptor, extended attributes, reparse
// data. Many files share one object, which is checked once.

#include <cstdint>
#include <optional>
#include <set>
#include <string_view>
#include <utility>

#include "base/bytes.h"
#include "image/check/context.h"
#include "os/seeded_hash.h"

namespace cim::image_check {

/// Remembers by offset what was checked: a layer has few different descriptors, and damage in one
/// is reported once.
class MetadataChecker {
 public:
  explicit MetadataChecker(Context& context) : context_(context) {}

  /// Each takes the fields of a record that refer to the object, and the spot of the offset.
  void check_descriptor(format::RegionOffset offset, const Spot& spot);
  void check_attributes(format::RegionOffset offset, std::uint16_t length, const Spot& spot);
  void check_reparse(format::RegionOffset offset, std::uint32_t tag, const Spot& spot);

 private:
  std::optional<Bytes> read_sized(format::RegionOffset offset, ObjectKind kind,
                                  std::string_view what, const Spot& spot);
  std::optional<std::uint32_t> tag_of(format::RegionOffset offset, const Spot& spot);

  Context& context_;
  SeededSet<std::uint64_t> known_descriptors_;
  std::set<std::pair<std::uint64_t, std::uint16_t>> known_attributes_;  // offset, length
  SeededMap<std::uint64_t, std::optional<std::uint32_t>> known_tags_;
};

}  // namespace cim::image_check
