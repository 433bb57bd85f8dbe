// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// Removing what lower layers have, as a layer's tar says. The place of a whiteout among the entries
// of a tar means nothing: it hides what the parents have, never what the tar adds. So all of them
// are collected while the tar is read, and applied when it is known what else it has.

#include <filesystem>
#include <functional>
#include <optional>

#include "cimlib/image.h"
#include "cimlib/layer_writer.h"

#include "layer/layer_names.h"

namespace cim::layer {

class Whiteouts {
 public:
  /// In a layer upon that whose image is given.
  explicit Whiteouts(const std::filesystem::path& parent_image) : parent_(parent_image) {}

  /// What the parent has at the path is to be hidden, with all below it but what the tar adds. It
  /// need not be there. Throws kCorrupt for what no layer may hide: all of `Files`, hives.
  void apply(const ImagePath& path);

  /// All that the parent has in a directory is to be hidden.
  void hide_children(const ImagePath& directory);

  /// Whether hide() was called for that path, and the parent spells its last name in another way.
  bool hides_other_spelling(const ImagePath& path) const;

  /// Removes from the layer what is hidden; `added` is all that the tar has. `check_stop` is called
  /// again and again, and may throw.
  void apply(LayerWriter& layer, const LayerNames& added,
             const std::function<void()>& check_stop) const;

 private:
  enum class Mark { kNone, kChildrenHidden, kHidden };

  class Application;

  Image parent_;
  PathTree<Mark> marks_;
};

}  // namespace cim::layer
