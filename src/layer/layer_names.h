// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <unordered_map>

#include "cimlib/image_path.h"

namespace cim::layer {

/// The paths that one tar has added so far, without regard to letter case. A whiteout hides what
/// lower layers have, so that these are not its business.
class LayerNames {
 public:
  enum class Kind {
    kAbove,      ///< not added itself, but something below it was
    kDirectory,  ///< added as a directory
    kOther,      ///< added as anything else
  };

  void add(const ImagePath& path, Kind kind);

  /// Null if neither the path nor anything below it was added.
  const Kind* find(const ImagePath& path) const;
  bool was_added(const ImagePath& path) const;

 private:
  std::unordered_map<std::u16string, Kind> names_;
};

}  // namespace cim::layer
