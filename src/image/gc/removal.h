// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

#include <filesystem>
#include <set>

#include "cimlib/guid.h"

namespace cim {

/// The removal of an image, prepared before anything is changed. The directory must be locked
/// exclusively as long as this object exists.
class Removal {
 public:
  /// Throws kBusy, naming them, if forks need the image, and what reading the directory throws.
  explicit Removal(const std::filesystem::path& image);

  /// Returns true if no other image needs that region set.
  bool removes(const Guid& region_set) const { return unneeded_.contains(region_set); }

  /// Removes the filesystem file, then the files of region sets that no other image needs.
  void perform() const;

 private:
  std::filesystem::path image_;
  std::set<Guid> unneeded_;
};

}  // namespace cim
