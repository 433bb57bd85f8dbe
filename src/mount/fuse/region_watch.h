// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// Whether the region files of a mounted image are still what they were.

#include <cstdint>
#include <vector>

#include <sys/stat.h>

#include "cimlib/image.h"

namespace cim::mount {

/// Nobody may write to the region of an image, but a mount lives long, and bytes that somebody has
/// written over must not pass for the image's.
class RegionWatch {
 public:
  /// `image` must outlive it.
  explicit RegionWatch(const Image& image);

  /// To be called after `size` bytes at `offset` of a stream have been read. Throws kCorrupt if
  /// a region that they came from has another size or was written to since the mount began; what
  /// leaves no trace there (a time set back, a write to the disk below) is not noticed.
  void require_unchanged(const Stream& stream, std::uint64_t offset, std::uint64_t size) const;

 private:
  struct State {
    off_t size;
    timespec written;
  };

  State state_of(std::uint32_t region) const;

  const Image& image_;
  std::vector<State> states_;
};

}  // namespace cim::mount
