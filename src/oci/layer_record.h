// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// What the store notes of a layer that came from an image: the file oci-layer.json in the layer's
// directory.

#include <filesystem>

#include "cimlib/oci.h"

namespace cim::oci {

/// Notes the layer's ids.
void write_record(const std::filesystem::path& layer, const LayerDescription& description);

/// Whether the layer is in the store, complete and with its record; the record is written if only
/// that is missing, as when an import was killed. Throws kCorrupt for the record of another layer,
/// and for an image that lacks files.
bool find_layer(const std::filesystem::path& layer, const LayerDescription& description);

}  // namespace cim::oci
