// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

#include <filesystem>

#include "cimlib/lock.h"

#include "image/gc/image_removal.h"

namespace cim::layer {

/// Removes layers of one store one after another, in a time proportional to the number of layers.
/// Holds the exclusive lock of the directory of their images meanwhile.
class LayerRemoval {
 public:
  /// `images` is that directory. Throws as ImageRemoval does.
  LayerRemoval(const std::filesystem::path& images, LockTimeout lock_timeout);

  /// Removes a layer with its default image as destroy() does, with the same errors.
  bool destroy(const std::filesystem::path& layer);

 private:
  ImageRemoval images_;
  LockTimeout lock_timeout_;
};

}  // namespace cim::layer
