// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// The data of a value, as they are written: in the value's record, in a cell, or in segments.

#include <cstdint>

#include "registry/format/cell_views.h"
#include "registry/write/cell_writer.h"

namespace cim::registry {

/// Writes the data and fills in where they are, and their size. Throws kLimit for more than there
/// can be.
void write_value_data(CellWriter& cells, ValueRecord& record, const DataView& data,
                      std::uint32_t minor_version);

}  // namespace cim::registry
