// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
// CMake defines CIMLIB_HAS_... as 0 or 1.
#include "cimlib/version.h"

#include <algorithm>
#include <array>

namespace cim {
namespace {

constexpr std::array kFeatures = {
    Feature{"isa-l", CIMLIB_HAS_ISAL != 0},        Feature{"mount", CIMLIB_HAS_MOUNT != 0},
    Feature{"packages", CIMLIB_HAS_PACKAGES != 0}, Feature{"registries", CIMLIB_HAS_REMOTE != 0},
    Feature{"wim", CIMLIB_HAS_WIM != 0},           Feature{"zstd", CIMLIB_HAS_ZSTD != 0},
};

}  // namespace

std::string_view version() noexcept {
  return kVersion;
}

std::span<const Feature> features() noexcept {
  return kFeatures;
}

bool has_feature(std::string_view name) noexcept {
  return std::ranges::any_of(kFeatures, [name](const Feature& feature) {
    return feature.name == name && feature.is_present;
  });
}

}  // namespace cim
