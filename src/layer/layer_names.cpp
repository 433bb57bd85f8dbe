// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "layer/layer_names.h"

namespace cim::layer {

void LayerNames::add(const ImagePath& path, Kind kind) {
  const auto& names = path.names();
  for (std::size_t i = trail_.turn_to(path, names.size()); i < names.size(); ++i) {
    const Node above = trail_.last();
    const auto entry = children_.find(above, names[i]);
    const Node node = entry ? children_.file(*entry) : static_cast<Node>(kinds_.size());
    if (!entry) {
      children_.add(above, names[i], node);
      kinds_.push_back(Kind::kAbove);
    }
    trail_.go_on(names[i], node);
  }
  kinds_[trail_.last()] = kind;
}

const LayerNames::Kind* LayerNames::find(const ImagePath& path) const {
  const auto& names = path.names();
  for (std::size_t i = trail_.turn_to(path, names.size()); i < names.size(); ++i) {
    const auto entry = children_.find(trail_.last(), names[i]);
    if (!entry) {
      return nullptr;
    }
    trail_.go_on(names[i], children_.file(*entry));
  }
  return &kinds_[trail_.last()];
}

}  // namespace cim::layer
