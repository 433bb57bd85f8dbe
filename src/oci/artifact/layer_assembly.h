// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// Putting a layer together from the files of its image, as an artifact has them, instead of from a
// tar. Nothing that the files contain is trusted.

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "cimlib/guid.h"
#include "cimlib/layer_paths.h"
#include "cimlib/lock.h"

#include "base/bytes.h"
#include "layer/new_directories.h"
#include "layer/sidecar_staging.h"
#include "oci/artifact/sidecar_list.h"
#include "os/directory_lock.h"
#include "os/file.h"

namespace cim::oci {

/// The files of a layer's image that are its own.
struct ImageParts {
  Guid region_set;
  std::uint16_t regions = 0;
  Bytes filesystem;  ///< the filesystem file
};

/// Throws kCorrupt, naming `subject`, unless the filesystem file belongs to these regions, and its
/// ancestors are the parent's region sets and then those of the parent's ancestors.
void check_filesystem(const ImageParts& parts, const std::optional<std::filesystem::path>& parent,
                      const std::string& subject);

/// Writes one layer. If it is destroyed before publish() returned, nothing is left of it.
class LayerAssembly {
 public:
  /// `parent` is the image of the layer below. Holds the lock of the directory of images.
  LayerAssembly(const layer::LayerPaths& layer, std::optional<std::filesystem::path> parent,
                LockTimeout lock_timeout);
  LayerAssembly(const LayerAssembly&) = delete;
  LayerAssembly& operator=(const LayerAssembly&) = delete;
  ~LayerAssembly();

  /// Creates a region or object id file, which must be named as parse_part_name() accepts; it gets
  /// the name in publish().
  File& add(const std::string& name);

  /// Checks the image, and completes the layer: region files, sidecar files, then the filesystem
  /// file. Throws kExists if the layer exists, or a region file with other bytes; kCorrupt for an
  /// image with a fault and for what check_filesystem() and restore_sidecars() reject.
  void publish(const ImageParts& parts, const SidecarList& sidecars);

 private:
  void lock_images(const LockTimeout& lock_timeout);
  void place_parts();
  void check_image(const std::filesystem::path& image) const;

  layer::LayerPaths layer_;
  std::optional<std::filesystem::path> parent_;
  LockTimeout lock_timeout_;
  std::filesystem::path images_;  // directory of the images
  layer::NewDirectories directories_;
  std::optional<DirectoryLock> images_lock_;
  std::optional<DirectoryLock> layer_lock_;
  layer::SidecarStaging sidecars_;
  std::map<std::string, std::unique_ptr<AtomicFile>> parts_;  // by name
  std::vector<std::filesystem::path> placed_;
};

}  // namespace cim::oci
