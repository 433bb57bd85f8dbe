// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "ntfs/ntfs_3g.h"

#include <algorithm>

#include "base/upcase.h"

namespace cim {

bool is_reserved_stream_name(std::string_view stream) noexcept {
  constexpr std::array<std::string_view, 6> kPrefixes = {
      "overlay.", "fuseoverlayfs.", "containers.", "rootlesscontainers", "virtfs.", "virtiofs."};
  return std::ranges::any_of(kPrefixes, [&](std::string_view prefix) {
    return equal_ignoring_ascii_case(prefix, stream.substr(0, prefix.size()));
  });
}

}  // namespace cim
