// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// The paths of layers. A layer has a directory and an image. By default the image is in the
// directory `cim-layers` beside the layer's; any other place must be named:
//
//   cim::layer::import_tar(tar, "store/7");                       // store/cim-layers/7.cim
//   cim::layer::import_tar(tar, {"snapshots/7", "images/7.cim"});

#include <concepts>
#include <filesystem>
#include <string>
#include <utility>

#include "cimlib/export.h"

namespace cim::layer {

/// Returns "7.cim" for the layer "/store/7". Trailing separators are ignored. The file system is
/// not accessed, as in the next two functions.
CIM_EXPORT std::string cim_name(const std::filesystem::path& layer);
/// Returns "/store/cim-layers" for the layer "/store/7".
CIM_EXPORT std::filesystem::path cim_dir(const std::filesystem::path& layer);
/// Returns "/store/cim-layers/7.cim" for the layer "/store/7".
CIM_EXPORT std::filesystem::path cim_path(const std::filesystem::path& layer);
/// Returns the layer's directory with the name that identifies the layer, as the functions of
/// layer.h resolve it: a link to the directory is followed, and a trailing "." or ".." is resolved
/// by the system. A directory that does not exist keeps its name.
CIM_EXPORT std::filesystem::path resolve_layer(const std::filesystem::path& layer);

/// The directory of a layer and its image.
struct CIM_EXPORT LayerPaths {
  std::filesystem::path layer;  ///< directory of the sidecar files
  /// The image; if empty, it is cim_path() of the resolved directory. Images of layers that are
  /// based on each other must be in one directory, which must not be that of a layer.
  std::filesystem::path image = {};

  /// The layer of a directory, with its default image.
  template <typename Path>
  requires(std::convertible_to<const Path&, std::filesystem::path> &&
           !std::same_as<Path, LayerPaths>)
      // NOLINTNEXTLINE(google-explicit-constructor): a directory alone suffices for most callers
      LayerPaths(const Path& directory)
      : layer(directory) {}
  LayerPaths(std::filesystem::path directory, std::filesystem::path image_path)
      : layer(std::move(directory)), image(std::move(image_path)) {}

  /// Returns the path of the image, `image` unless that is empty.
  std::filesystem::path image_path() const;
  /// Returns the directory as resolve_layer() returns it, and image_path().
  LayerPaths resolved() const;
};

}  // namespace cim::layer
