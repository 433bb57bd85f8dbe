// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// Applies the whiteouts of a layer's tar. A whiteout hides files of the parents, never files that
// the same tar adds, so its position in the tar has no meaning. Whiteouts are therefore collected
// while the tar is read, and applied once all its entries are known.

#include <cstddef>
#include <filesystem>
#include <functional>
#include <optional>

#include "cimlib/image.h"
#include "cimlib/layer_writer.h"

#include "layer/layer_names.h"

namespace cim::layer {

/// Returns the number of names in the path of the `Files` directory that contains the path, which
/// is drive C of a container or of a utility VM; 0 if it is not in one.
std::size_t depth_of_volume(const ImagePath& path);

/// Throws kCorrupt for paths that no layer may hide: `Files` itself, and hives.
void require_can_be_hidden(const ImagePath& path);
/// Throws kCorrupt for directories whose contents no layer may hide.
void require_can_be_opaque(const ImagePath& directory);

/// Collects the whiteouts of one tar. apply() and hide_children() only mark paths; remove_hidden()
/// changes the layer.
class Whiteouts {
 public:
  /// For a layer on top of the one with the given image.
  explicit Whiteouts(const std::filesystem::path& parent_image) : parent_(parent_image) {}

  /// Marks the parent's files at and below the path as hidden, except for those that the tar adds.
  /// The path need not exist in the parent. Throws kCorrupt for paths that no layer may hide:
  /// `Files` itself, and hives.
  void apply(const ImagePath& path);

  /// Marks all of the parent's entries in a directory as hidden.
  void hide_children(const ImagePath& directory);

  /// Returns true if apply() was called for that path, and the parent spells its last name
  /// differently.
  bool hides_other_spelling(const ImagePath& path) const;

  /// Removes the hidden files from the layer; `added` has all paths that the tar added. Calls
  /// `check_stop` repeatedly, which may throw.
  void remove_hidden(LayerWriter& layer, const LayerNames& added,
                     const std::function<void()>& check_stop) const;

 private:
  enum class Mark { kNone, kChildrenHidden, kHidden };

  class Application;

  Image parent_;
  PathTree<Mark> marks_;
};

}  // namespace cim::layer
