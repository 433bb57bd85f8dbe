// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// Removes what a layer's tar hides of lower layers. The position of a whiteout in the tar has no
// meaning: it hides what the parents have, never what the tar adds. So whiteouts are collected
// while the tar is read, and applied once all its entries are known.

#include <filesystem>
#include <functional>
#include <optional>

#include "cimlib/image.h"
#include "cimlib/layer_writer.h"

#include "layer/layer_names.h"

namespace cim::layer {

class Whiteouts {
 public:
  /// For a layer on top of the one with the given image.
  explicit Whiteouts(const std::filesystem::path& parent_image) : parent_(parent_image) {}

  /// Marks what the parent has at the path, and below it, as hidden, except for what the tar adds.
  /// The parent need not have the path. Throws kCorrupt for what no layer may hide: all of `Files`,
  /// hives.
  void apply(const ImagePath& path);

  /// Marks everything that the parent has in a directory as hidden.
  void hide_children(const ImagePath& directory);

  /// True if apply() was called for that path, and the parent spells its last name differently.
  bool hides_other_spelling(const ImagePath& path) const;

  /// Removes what is hidden from the layer; `added` has all paths that the tar added. Calls
  /// `check_stop` repeatedly, which may throw.
  void apply(LayerWriter& layer, const LayerNames& added,
             const std::function<void()>& check_stop) const;

 private:
  enum class Mark { kNone, kChildrenHidden, kHidden };

  class Application;

  Image parent_;
  PathTree<Mark> marks_;
};

}  // namespace cim::layer
