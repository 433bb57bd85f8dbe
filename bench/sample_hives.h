// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// Hives to time with, made after what a SOFTWARE hive holds. Always the same bytes.

#include <cstddef>

#include "base/bytes.h"

namespace cim::bench {

/// How many bytes a class takes, about: three keys with their values.
inline constexpr std::size_t kBytesPerClass = 780;

/// A full hive of that many classes.
Bytes sample_hive(std::size_t classes);

/// A delta over it, which changes one class in fifty and deletes one in five hundred.
Bytes sample_delta(std::size_t classes);

}  // namespace cim::bench
