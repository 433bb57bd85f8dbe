// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <optional>
#include <stop_token>
#include <vector>

#include "cimlib/image.h"

namespace cim::layer {

/// The files of a parent that have several names, found when they are first asked for.
class ParentLinks {
 public:
  ParentLinks(const Image& parent, const std::stop_token& stop) : parent_(parent), stop_(stop) {}

  bool has_several_names(FileId file) {
    if (!counts_) {
      counts_ = parent_.link_counts(stop_);
    }
    const auto found = std::ranges::lower_bound(*counts_, file, {}, &LinkCount::file);
    return found != counts_->end() && found->file == file;
  }

 private:
  const Image& parent_;
  const std::stop_token& stop_;
  std::optional<std::vector<LinkCount>> counts_;
};

}  // namespace cim::layer
