// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// The documents of an image that has one more layer than another.

#include <cstdint>
#include <string>

#include "cimlib/store.h"

#include "oci/documents.h"

namespace cim::store {

/// A layer to add, as an uncompressed tar.
struct AddedLayer {
  oci::Digest diff_id;
  std::uint64_t tar_size = 0;
  std::string author = {};  ///< may be empty, as the next one
  std::string message = {};
  std::string created = {};  ///< time in the form of RFC 3339
};

/// Returns the media type that the blob of the layer has in the manifest.
std::string layer_type_on(const Details& base);
/// Returns the configuration of `base` with the layer. Members that are not concerned are kept.
std::string configuration_with(const Details& base, const AddedLayer& layer);
/// Returns the manifest of `base` with the layer and that configuration.
std::string manifest_with(const Details& base, const AddedLayer& layer,
                          const std::string& configuration);

}  // namespace cim::store
