// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// The files of an image that have names in other directories than their recorded parent. The format
// itself does not record these, and a fork that removes a name needs them.

#include <cstdint>
#include <filesystem>
#include <functional>
#include <vector>

#include "format/header.h"
#include "image/read/image_reader.h"

namespace cim {

/// Reads the lists that follow the object ids of an image's metadata regions. They are hints: a
/// listed name may no longer exist.
class BackReferences {
 public:
  explicit BackReferences(const ImageReader& image);

  /// True if every region set has its list. Otherwise any file may have names that are not listed.
  bool is_complete() const noexcept { return is_complete_; }

  /// Visits all listed names, reading sequentially.
  void for_each(const std::function<void(const format::BackReference&)>& visit) const;

 private:
  struct List {
    std::filesystem::path path;
    std::uint64_t offset = 0;  // of the first name
    std::uint32_t count = 0;
  };

  bool look_at(const std::filesystem::path& path);

  std::vector<List> lists_;
  bool is_complete_ = true;
};

}  // namespace cim
