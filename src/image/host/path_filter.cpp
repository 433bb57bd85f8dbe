// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "image/host/path_filter.h"

#include "base/upcase.h"

namespace cim {

PathFilter::PathFilter(const std::vector<ImagePath>& paths) {
  nodes_.front().is_whole = paths.empty();
  for (const ImagePath& path : paths) {
    std::size_t node = 0;
    for (const std::u16string& name : path.names()) {
      const auto [found, is_new] = nodes_[node].below.try_emplace(upcase(name), nodes_.size());
      node = found->second;
      if (is_new) {
        nodes_.emplace_back();
      }
    }
    nodes_[node].is_whole = true;
  }
}

// A whole node matches everything below it, so the search stays at that node.
std::size_t PathFilter::step(std::size_t node, std::u16string_view name) const {
  if (nodes_[node].is_whole) {
    return node;
  }
  const auto found = nodes_[node].below.find(upcase(name));
  return found == nodes_[node].below.end() ? kNone : found->second;
}

bool PathFilter::enter(const ImagePath& path) {
  const std::size_t depth = path.names().size();
  way_.resize(depth);
  way_.push_back(depth == 0 ? 0 : step(way_.back(), path.name()));
  return way_.back() != kNone;
}

bool PathFilter::is_wanted(const ImagePath& path) const {
  std::size_t node = 0;
  for (const std::u16string& name : path.names()) {
    node = step(node, name);
    if (node == kNone) {
      return false;
    }
  }
  return true;
}

}  // namespace cim
