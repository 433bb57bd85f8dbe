// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// The store's record of a layer that came from an image: the file oci-layer.json in the layer's
// directory.

#include <filesystem>

#include "cimlib/oci.h"

namespace cim::oci {

/// Records the layer's ids.
void write_record(const std::filesystem::path& layer, const LayerDescription& description);

/// Returns whether the layer is in the store, complete and with its record. If only the record is
/// missing, as after a killed import, it is written. Throws kCorrupt if the record belongs to
/// another layer or files of the image are missing.
bool find_layer(const std::filesystem::path& layer, const LayerDescription& description);

}  // namespace cim::oci
