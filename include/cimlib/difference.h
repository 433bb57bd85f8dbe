// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// Differences between two images (diff.h) and between two registry hives (hive_diff.h).

#include <cstdint>
#include <string_view>

#include "cimlib/export.h"

namespace cim {

/// How an entry differs between the first and the second image or hive.
enum class DifferenceKind { kAdded, kRemoved, kChanged };

/// Returns a name for programs: "added", "removed" or "changed". Names are stable across releases.
CIM_EXPORT std::string_view to_string(DifferenceKind kind) noexcept;

/// A field that is compared, as a bit, and its name for programs, as in "data". Names are stable
/// across releases.
struct FieldName {
  std::uint32_t field;
  std::string_view name;
};

}  // namespace cim
