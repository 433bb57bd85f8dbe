// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// Which files of an image have names in other directories than their parent of record: what the
// format itself does not say, and what a fork that takes a name away must know.

#include <cstdint>
#include <filesystem>
#include <functional>
#include <vector>

#include "format/header.h"
#include "image/read/image_reader.h"

namespace cim {

/// The lists behind the object ids of an image's metadata regions. They are hints: a name that is
/// told of may be gone since.
class BackReferences {
 public:
  explicit BackReferences(const ImageReader& image);

  /// Whether every region set has its list. Otherwise any file may have any name.
  bool is_complete() const noexcept { return is_complete_; }

  /// All names that are listed, in runs of sequential reads.
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
