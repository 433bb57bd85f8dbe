// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
// Each function is the whole of one assumption; callers do not know what is assumed.
#include "registry/edit/assumptions.h"

#include <algorithm>

namespace cim::registry {

MutableAttributes assumed_attributes_of_new_key(MutableKey& parent, FileTime time) {
  MutableAttributes attributes;
  attributes.time = time;
  attributes.descriptor = parent.attributes().descriptor;
  if ((parent.attributes().control & kControlRecurse) != 0) {
    attributes.control = parent.attributes().control & kControlVirtualization;
  }
  return attributes;
}

void assumed_time_of_change(MutableKey& key, FileTime time) {
  key.attributes().time = time;
}

std::optional<std::uint32_t> assumed_minor_version_for(OsVersion version) noexcept {
  const bool known = (version.major == 5 && (version.minor == 1 || version.minor == 2)) ||
                     (version.major == 6 && version.minor <= 3) ||
                     (version.major == 10 && version.minor == 0);
  return known ? std::optional<std::uint32_t>(5) : std::nullopt;
}

const KeyView& assumed_descriptor_owner(const KeyPair& pair) noexcept {
  return pair.is_root ? pair.base : pair.delta;
}

ByteView assumed_class(const KeyPair& pair) noexcept {
  const bool inherits = (pair.delta.layer() & kLayerInheritClass) != 0;
  return pair.is_root || inherits ? pair.base.class_name() : pair.delta.class_name();
}

ByteView assumed_class_without_base(const KeyView& delta) noexcept {
  return (delta.layer() & kLayerInheritClass) != 0 ? ByteView{} : delta.class_name();
}

Name assumed_key_name(const KeyPair& pair) noexcept {
  const bool from_base = pair.is_root || pair.semantics == LayerSemantics::kMerge;
  return from_base ? pair.base.name() : pair.delta.name();
}

Name assumed_value_name(const ValueView& /*base*/, const ValueView& delta) noexcept {
  return delta.name();
}

std::uint16_t assumed_flags(const KeyPair& pair) noexcept {
  const unsigned below = pair.semantics == LayerSemantics::kMerge ? pair.base.flags() : 0U;
  return static_cast<std::uint16_t>(below | pair.delta.flags());
}

std::uint8_t assumed_control(const KeyPair& pair) noexcept {
  const bool from_base = pair.semantics == LayerSemantics::kMerge && pair.delta.control() == 0;
  return from_base ? pair.base.control() : pair.delta.control();
}

std::uint8_t assumed_debug(const KeyPair& pair) noexcept {
  const bool from_base = pair.semantics == LayerSemantics::kMerge && pair.delta.debug() == 0;
  return from_base ? pair.base.debug() : pair.delta.debug();
}

FileTime assumed_time(const KeyPair& pair) noexcept {
  const bool later = pair.is_root || pair.semantics == LayerSemantics::kMerge;
  return later ? std::max(pair.base.time(), pair.delta.time()) : pair.delta.time();
}

std::uint32_t assumed_merged_minor_version() noexcept {
  return 5;
}

LayerSemantics assumed_semantics_inside_tree(LayerSemantics stated) noexcept {
  return stated == LayerSemantics::kTombstone ? stated : LayerSemantics::kSupersedeTree;
}

}  // namespace cim::registry
