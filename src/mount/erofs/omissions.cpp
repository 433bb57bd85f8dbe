// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "mount/erofs/omissions.h"

#include <string_view>
#include <utility>

namespace cim::mount::erofs {
namespace {

constexpr std::size_t kMaxExamples = 10;

constexpr std::array<std::string_view, kLossKinds> kWords = {
    "names of more than 255 bytes, with all below them",
    "streams of more than 65535 bytes",
    "streams whose names cannot be those of extended attributes",
    "streams that find no room beside the others of their file",
    "streams of links",
    "streams whose names would steer Linux or programs on it as extended attributes",
    "links that Linux cannot have, shown without being links",
};

}  // namespace

void Omissions::add(LossKind kind, const std::function<std::string()>& path) {
  Kind& found = kinds_[static_cast<std::size_t>(kind)];
  ++found.count;
  if (found.examples.size() < kMaxExamples) {
    found.examples.push_back(path());
  }
}

std::vector<Omission> Omissions::list() const {
  std::vector<Omission> omissions;
  for (std::size_t i = 0; i < kLossKinds; ++i) {
    if (kinds_[i].count != 0) {
      omissions.push_back({.what = std::string(kWords[i]),
                           .count = kinds_[i].count,
                           .examples = kinds_[i].examples});
    }
  }
  return omissions;
}

}  // namespace cim::mount::erofs
