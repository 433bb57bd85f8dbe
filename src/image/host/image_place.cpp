// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "image/host/image_place.h"

#include "cimlib/error.h"

#include "image/read/region_files.h"
#include "os/host_path.h"

namespace cim {
namespace {

// Returns an empty path if there is no such file.
std::filesystem::path canonical_if_present(const std::filesystem::path& path) {
  try {
    return canonical_path(path);
  } catch (const Error& error) {
    if (error.code() != ErrorCode::kNotFound) {
      throw;
    }
    return {};
  }
}

}  // namespace

void require_outside(const std::filesystem::path& image, const std::filesystem::path& directory) {
  const auto above = canonical_if_present(directory);
  auto at = canonical_if_present(image_directory(image));
  for (; !at.empty(); at = at.parent_path()) {
    if (at == above) {
      throw Error(ErrorCode::kInvalidArgument, image.string(),
                  "the image cannot be inside the directory that it is created from");
    }
    if (at == at.parent_path()) {
      return;
    }
  }
}

}  // namespace cim
