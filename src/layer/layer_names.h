// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

#include <vector>

#include "cimlib/file_info.h"
#include "cimlib/image_path.h"

#include "image/name_index.h"
#include "image/path_trail.h"

namespace cim::layer {

/// The paths that one tar has added so far, without regard to letter case. A whiteout hides what
/// lower layers have, so that these are not its business. Kept as a tree, since paths of thousands
/// of names would take too much as texts.
class LayerNames {
 public:
  enum class Kind {
    kAbove,      ///< not added itself, but something below it was
    kDirectory,  ///< added as a directory
    kOther,      ///< added as anything else
  };

  void add(const ImagePath& path, Kind kind);

  /// Null if neither the path nor anything below it was added; valid until the next is.
  const Kind* find(const ImagePath& path) const;

 private:
  using Node = FileId;  // counted from the root on

  static constexpr Node kRoot = 1;

  NameIndex children_;
  mutable PathTrail trail_{kRoot};                          // only makes finding faster
  std::vector<Kind> kinds_ = {Kind::kAbove, Kind::kAbove};  // by node; there is no node 0
};

}  // namespace cim::layer
