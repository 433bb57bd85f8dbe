// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "registry/edit/edit_assumptions.h"

namespace cim::registry {

ModelAttributes assumed_attributes_of_new_key(ModelKey& parent, FileTime time) {
  ModelAttributes attributes;
  attributes.time = time;
  attributes.descriptor = parent.attributes().descriptor;
  return attributes;
}

void assumed_time_of_change(ModelKey& key, FileTime time) {
  key.attributes().time = time;
}

std::optional<std::uint32_t> assumed_minor_version_for(OsVersion version) noexcept {
  const bool known = (version.major == 5 && (version.minor == 1 || version.minor == 2)) ||
                     (version.major == 6 && version.minor <= 3) ||
                     (version.major == 10 && version.minor == 0);
  return known ? std::optional<std::uint32_t>(5) : std::nullopt;
}

}  // namespace cim::registry
