// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// Writes the data of a value: in the value's record, in a cell, or in segments.

#include <cstdint>

#include "registry/format/cell_views.h"
#include "registry/write/cell_writer.h"

namespace cim::registry {

/// Writes the data, and stores their location and size in the record. Throws kLimit if the data are
/// too large.
void write_value_data(CellWriter& cells, ValueRecord& record, const DataView& data,
                      std::uint32_t minor_version);

}  // namespace cim::registry
