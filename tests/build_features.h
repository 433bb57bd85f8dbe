// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <string_view>

#include "cimlib/version.h"

namespace cim::test {

/// Returns true if this build has that feature, for instance "zstd".
inline bool has_feature(std::string_view name) {
  return std::ranges::any_of(features(), [name](const Feature& feature) {
    return feature.name == name && feature.is_present;
  });
}

}  // namespace cim::test
