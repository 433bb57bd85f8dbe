// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "layer/layer_names.h"

#include "base/upcase.h"

namespace cim::layer {
namespace {

std::u16string key_of(const ImagePath& path) {
  std::u16string key;
  for (const std::u16string& name : path.names()) {
    key += u'\\';
    key += upcase(name);
  }
  return key;
}

}  // namespace

void LayerNames::add(const ImagePath& path, Kind kind) {
  std::u16string key = key_of(path);
  names_.insert_or_assign(key, kind);
  for (auto end = key.rfind(u'\\'); end != 0 && end != key.npos; end = key.rfind(u'\\')) {
    key.resize(end);
    if (!names_.emplace(key, Kind::kAbove).second) {
      break;  // then what is above it is known, too
    }
  }
}

const LayerNames::Kind* LayerNames::find(const ImagePath& path) const {
  const auto found = names_.find(key_of(path));
  return found == names_.end() ? nullptr : &found->second;
}

bool LayerNames::was_added(const ImagePath& path) const {
  const Kind* const kind = find(path);
  return kind != nullptr && *kind != Kind::kAbove;
}

}  // namespace cim::layer
