// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include <filesystem>
#include <system_error>
#include <utility>

#include <fmt/format.h>

#include "cimlib/error.h"
#include "cimlib/gc.h"
#include "cimlib/layer.h"

#include "image/read/region_files.h"
#include "layer/existing_layers.h"
#include "layer/layer_marker.h"
#include "layer/layer_removal.h"
#include "layer/matching_files.h"
#include "mount/base/mount_table.h"
#include "os/directory_lock.h"
#include "os/host_path.h"

namespace cim::layer {

namespace {

using std::filesystem::path;

bool has_readable_header(const path& image) {
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

// Forks need an image's regions but never this file, so it can be removed although what it needs is
// unknown; its regions become garbage unless a fork uses them.
void destroy_unreadable_image(const path& image, const LockTimeout& lock_timeout) {
  const DirectoryLock lock(image_directory(image), lock_timeout);
  remove_file(image);
  sync_directory(image_directory(image));
}

// Earlier versions and other programs write layers without a marker. Their files belong to the
// layer if the image has the same bytes, so that nothing is lost by removing them. They get a
// marker before the image is removed, so that an interrupted removal can be continued later. The
// caller holds the lock of the directory of images, since the marker is staged there.
class AdoptedFiles {
 public:
  explicit AdoptedFiles(const LayerPaths& layer) : layer_(layer.layer) {
    if (std::filesystem::exists(link_status_of(layer_ / kMarkerFile))) {
      return;
    }
    const LayerMarker marker = matching_files(layer);
    if (!marker.files.empty()) {
      write_marker(layer, marker);
      is_marked_ = true;
    }
  }
  AdoptedFiles(const AdoptedFiles&) = delete;
  AdoptedFiles& operator=(const AdoptedFiles&) = delete;
  ~AdoptedFiles() {
    if (is_marked_) {
      std::error_code ignored;
      std::filesystem::remove(layer_ / kMarkerFile, ignored);
    }
  }

  void keep_marker() noexcept { is_marked_ = false; }

 private:
  path layer_;
  bool is_marked_ = false;
};

void require_unmounted(const path& image) {
  if (const auto mount_point = mount::mount_point_of(image)) {
    throw Error(ErrorCode::kBusy, image.string(),
                fmt::format("it is mounted at {}", mount_point->string()));
  }
}

void destroy_image_of(const LayerPaths& layer, const LockTimeout& lock_timeout) {
  const path image = layer.image_path();
  require_unmounted(image);
  if (!has_readable_header(image)) {
    return destroy_unreadable_image(image, lock_timeout);
  }
  AdoptedFiles adopted = [&] {
    const DirectoryLock lock(image_directory(image), lock_timeout, LockMode::kShared);
    return AdoptedFiles(layer);
  }();
  cim::destroy_image(image, lock_timeout);
  adopted.keep_marker();
}

// While the lock is held, no writer of this layer can publish it.
bool destroy_marked_files(const LayerPaths& layer, const LockTimeout& lock_timeout) {
  if (!read_marker(layer) ||
      !std::filesystem::exists(status_of(image_directory(layer.image_path())))) {
    return false;
  }
  bool was_made = false;
  {
    const DirectoryLock lock(layer.layer, lock_timeout);
    const auto marker = read_marker(layer);
    if (!marker || has_image(layer)) {
      return false;
    }
    remove_marked_files(layer.layer, *marker);
    was_made = marker->directories.contains(".");
    remove_file(layer.layer / kMarkerFile);
  }
  if (was_made) {
    remove_empty_directory(layer.layer);
  }
  return true;
}

}  // namespace

// The image is removed first: from then on the layer does not exist, and the next call removes what
// a crash leaves.
bool destroy(const LayerPaths& given, const LockTimeout& lock_timeout) {
  const LayerPaths layer = given.resolved();
  if (!given.image.empty() && is_marked_for_other_image(layer)) {
    throw Error(ErrorCode::kInvalidArgument, layer.layer.string(),
                fmt::format("the layer's image is not {}, according to {}", layer.image.string(),
                            kMarkerFile));
  }
  const bool had_image = has_image(layer);
  if (had_image) {
    destroy_image_of(layer, lock_timeout);
  }
  return destroy_marked_files(layer, lock_timeout) || had_image;
}

LayerRemoval::LayerRemoval(const path& images, LockTimeout lock_timeout)
    : images_(images, lock_timeout), lock_timeout_(std::move(lock_timeout)) {}

bool LayerRemoval::destroy(const path& directory) {
  const LayerPaths layer = LayerPaths(directory).resolved();
  const bool had_image = has_image(layer);
  if (had_image) {
    require_unmounted(layer.image_path());
    AdoptedFiles adopted(layer);
    images_.remove(layer.image_path());
    adopted.keep_marker();
  }
  return destroy_marked_files(layer, lock_timeout_) || had_image;
}

bool destroy_image(const path& image, const LockTimeout& lock_timeout) {
  if (!std::filesystem::exists(status_of(image))) {
    return false;
  }
  require_unmounted(image);
  if (has_readable_header(image)) {
    cim::destroy_image(image, lock_timeout);
  } else {
    destroy_unreadable_image(image, lock_timeout);
  }
  return true;
}

}  // namespace cim::layer
