// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// The image of a handle, for the functions that read it.

#include <memory>

#include "cimlib/cimfs.h"
#include "cimlib/image.h"

#include "capi/handles.h"

namespace cim::capi {

struct OpenImage {
  static constexpr HandleKind kKind = HandleKind::kImage;
  Image image;
};

/// Returns the image; E_INVALIDARG for an invalid handle.
std::shared_ptr<const OpenImage> image_of(CIMLIB_IMAGE_HANDLE handle);

/// Returns the file at the path. Distinguishes, as Windows does, a missing file from a missing
/// directory above it.
FileId find_file(const Image& image, const ImagePath& path);

LARGE_INTEGER time_from(FileTime time);

}  // namespace cim::capi
