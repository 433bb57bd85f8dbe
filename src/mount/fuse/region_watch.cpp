// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "mount/fuse/region_watch.h"

#include <cerrno>

#include "cimlib/error.h"

#include "base/system_error.h"

namespace cim::mount {

RegionWatch::RegionWatch(const Image& image) : image_(image) {
  states_.reserve(image.regions().size());
  for (std::uint32_t region = 0; region < image.regions().size(); ++region) {
    states_.push_back(state_of(region));
  }
}

RegionWatch::State RegionWatch::state_of(std::uint32_t region) const {
  struct stat status {};
  if (::fstat(image_.region_descriptor(region), &status) != 0) {
    throw_system_error(errno, image_.regions()[region].path.string(), "look at");
  }
  return {status.st_size, status.st_mtim};
}

void RegionWatch::require_unchanged(const Stream& stream, std::uint64_t offset,
                                    std::uint64_t size) const {
  const std::uint64_t end = offset + size;
  for (const Extent& extent : stream.extents()) {
    const bool is_hole = extent.region_offset == 0;
    if (is_hole || extent.stream_offset + extent.size <= offset || extent.stream_offset >= end) {
      continue;
    }
    const State& then = states_[extent.region];
    const State now = state_of(extent.region);
    if (now.size != then.size || now.written.tv_sec != then.written.tv_sec ||
        now.written.tv_nsec != then.written.tv_nsec) {
      throw Error(ErrorCode::kCorrupt, image_.regions()[extent.region].path.string(),
                  "it was changed while the image was mounted");
    }
  }
}

}  // namespace cim::mount
