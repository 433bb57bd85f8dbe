// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// Hives for benchmarks, modelled on a SOFTWARE hive. Always the same bytes.

#include <cstddef>

#include "base/bytes.h"

namespace cim::bench {

/// The approximate size of a class in bytes: three keys with their values.
inline constexpr std::size_t kBytesPerClass = 780;

/// Returns a full hive of that many classes.
Bytes sample_hive(std::size_t classes);

/// Returns a delta for it that changes one class in fifty and deletes one in five hundred.
Bytes sample_delta(std::size_t classes);

}  // namespace cim::bench
