// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// All records of a store, read once and put in relation to each other.

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "cimlib/directory_listings.h"
#include "cimlib/store.h"

#include "oci/records.h"

namespace cim::store {

/// Throws kNotFound if the directory is not a store.
void require_store(const std::filesystem::path& store);

/// Returns the bytes of the files that the layer's image and directory have of their own; 0 if it
/// has no image. `listings` is shared by the layers of a store.
std::uint64_t size_of_layer(const std::filesystem::path& directory,
                            const std::shared_ptr<DirectoryListings>& listings);

/// The records of a store. Layers and images are found by the hexadecimal digits of their ids.
struct Contents {
  /// Reads everything but the documents. Throws what reading records throws.
  explicit Contents(const oci::StoreRecords& records);

  std::map<std::string, oci::ImageRecord> images;
  std::map<std::string, oci::LayerRecord> layers;
  std::map<std::string, std::vector<std::string>> names;  ///< of images, sorted; with digests
  std::map<std::string, std::size_t> users;               ///< images that have a layer

  /// Returns the image without its sizes.
  Image image(const oci::ImageRecord& record) const;
};

/// Returns the image that `which` means, as find() does.
const oci::ImageRecord& find_image(const Contents& contents, const std::filesystem::path& store,
                                   std::string_view which);

}  // namespace cim::store
