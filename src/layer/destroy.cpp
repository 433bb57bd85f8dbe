// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include <filesystem>

#include <fmt/format.h>

#include "cimlib/error.h"
#include "cimlib/gc.h"
#include "cimlib/layer.h"

#include "base/directory_lock.h"
#include "base/file.h"
#include "image/region_files.h"
#include "layer/existing_layers.h"
#include "layer/loose_files.h"
#include "layer/mounted.h"

namespace cim::layer {

namespace {

bool has_readable_header(const std::filesystem::path& image) {
  try {
    read_filesystem_header(image);
    return true;
  } catch (const Error& error) {
    if (error.code() == ErrorCode::kCorrupt || error.code() == ErrorCode::kUnsupported) {
      return false;
    }
    throw;
  }
}

// Forks need regions and never this file, so that one of which nobody can tell what it needs may
// go; its regions are garbage then, if no fork has them.
void destroy_unreadable_image(const std::filesystem::path& image, const Patience& patience) {
  const DirectoryLock lock(image_directory(image), patience);
  remove_file(image);
  sync_directory(image_directory(image));
}

}  // namespace

// The image first: from then on there is no layer, and what a crash leaves goes the next time.
bool destroy(const std::filesystem::path& layer, const Patience& patience) {
  const std::filesystem::path image = cim_path(layer);
  const bool had_image = has_image(layer);
  if (had_image) {
    if (const auto mount_point = mount_point_of(image)) {
      throw Error(ErrorCode::kBusy, image.string(),
                  fmt::format("it is mounted at {}", mount_point->string()));
    }
    has_readable_header(image) ? destroy_image(image, patience)
                               : destroy_unreadable_image(image, patience);
  }
  const bool had_files = remove_loose_files(layer);
  // Of an import that was killed early there is nothing but the empty directory.
  const bool had_directory = remove_empty_directory(layer);
  return had_image || had_files || had_directory;
}

}  // namespace cim::layer
