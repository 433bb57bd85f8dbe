// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// Restricts a walk from the root to some paths, with everything below them and the directories
// above them.

#include <cstddef>
#include <map>
#include <string>
#include <vector>

#include "cimlib/image_path.h"

namespace cim {

/// The paths, and the position of a walk relative to them.
class PathFilter {
 public:
  /// Without paths, everything is wanted.
  explicit PathFilter(const std::vector<ImagePath>& paths);

  /// To be called for each path that a walk visits, a directory before its entries; returns whether
  /// it is wanted. Nothing below an unwanted one may be visited.
  bool enter(const ImagePath& path);
  /// Returns whether a path is wanted, whatever the position.
  bool is_wanted(const ImagePath& path) const;

 private:
  static constexpr std::size_t kNone = static_cast<std::size_t>(-1);

  struct Node {
    std::map<std::u16string, std::size_t> below{};  // by name in upper case
    bool is_whole = false;                          // with everything below it
  };

  std::size_t step(std::size_t node, std::u16string_view name) const;

  std::vector<Node> nodes_{1};    // the first is the root
  std::vector<std::size_t> way_;  // the nodes of the directories down to the last path
};

}  // namespace cim
