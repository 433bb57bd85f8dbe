// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

#include <compare>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "cimlib/image_path.h"

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
  using Node = std::uint32_t;  // the root is 0

  struct Child {
    Node parent;
    std::u16string name;  // in upper case

    auto operator<=>(const Child&) const = default;
  };

  std::map<Child, Node> children_;
  std::vector<Kind> kinds_ = {Kind::kAbove};  // by node
};

}  // namespace cim::layer
