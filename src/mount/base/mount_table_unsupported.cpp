// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
// Builds without mount support. On Windows the system itself keeps the files of a mounted image
// from being replaced.
#include "mount/base/mount_table.h"

namespace cim::mount {

std::optional<std::filesystem::path> mount_point_of(const std::filesystem::path& /*image*/) {
  return std::nullopt;
}

std::optional<std::filesystem::path> overlay_storing_in(
    const std::filesystem::path& /*directory*/) {
  return std::nullopt;
}

}  // namespace cim::mount
