// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "layer/mounted.h"

namespace cim::layer {

std::optional<std::filesystem::path> mount_point_of(const std::filesystem::path& /*image*/) {
  return std::nullopt;
}

}  // namespace cim::layer
