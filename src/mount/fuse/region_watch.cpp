// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "mount/fuse/region_watch.h"

#include "cimlib/error.h"

#include "image/read/image_reader.h"

namespace cim::mount {

void require_unchanged(const Image& image, const Stream& stream, std::uint64_t offset,
                       std::uint64_t size) {
  const std::uint64_t end = offset + size;
  for (const Extent& extent : stream.extents()) {
    const bool is_hole = extent.region_offset == 0;
    if (is_hole || extent.stream_offset + extent.size <= offset || extent.stream_offset >= end) {
      continue;
    }
    if (!reader_of(image).files().is_unchanged(extent.region)) {
      throw Error(ErrorCode::kCorrupt, image.regions()[extent.region].path.string(),
                  "it was changed while the image was mounted");
    }
  }
}

}  // namespace cim::mount
