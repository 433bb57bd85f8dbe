// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "layer/layer_names.h"

#include "base/upcase.h"

namespace cim::layer {

void LayerNames::add(const ImagePath& path, Kind kind) {
  Node node = 0;
  for (const std::u16string& name : path.names()) {
    const auto next = static_cast<Node>(kinds_.size());
    const auto [child, is_new] = children_.try_emplace({node, upcase(name)}, next);
    if (is_new) {
      kinds_.push_back(Kind::kAbove);
    }
    node = child->second;
  }
  kinds_[node] = kind;
}

const LayerNames::Kind* LayerNames::find(const ImagePath& path) const {
  Node node = 0;
  for (const std::u16string& name : path.names()) {
    const auto child = children_.find({node, upcase(name)});
    if (child == children_.end()) {
      return nullptr;
    }
    node = child->second;
  }
  return &kinds_[node];
}

}  // namespace cim::layer
