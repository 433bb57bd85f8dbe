// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// Taking away what lower layers have, as a layer's tar says.

#include <filesystem>

#include "cimlib/image.h"
#include "cimlib/layer_writer.h"

#include "base/seeded_hash.h"
#include "layer/layer_names.h"

namespace cim::layer {

class Whiteouts {
 public:
  /// In a layer upon that whose image is given; `added` is what the tar has added so far. Both
  /// references must outlive this.
  Whiteouts(const std::filesystem::path& parent_image, LayerWriter& layer, const LayerNames& added)
      : parent_(parent_image), layer_(layer), added_(added) {}

  /// What the parent has at the path goes, with all below it but what the tar has added. Nothing
  /// there is no failure. Throws kCorrupt for what no layer may hide: all of `Files`, hives.
  void hide(const ImagePath& path);

  /// All that the parent has in a directory goes, but not what the tar has added.
  void hide_children(const ImagePath& directory);

 private:
  void hide_below(const ImagePath& directory);
  bool hide_whole(const ImagePath& path);

  Image parent_;
  LayerWriter& layer_;
  const LayerNames& added_;
  SeededSet<FileId> emptied_;  // directories of the parent of which nothing is left
};

}  // namespace cim::layer
