// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "layer/sidecar_staging.h"

#include <algorithm>
#include <iterator>
#include <set>
#include <system_error>
#include <utility>

#include <fmt/format.h>

#include "cimlib/guid.h"

#include "layer/existing_layers.h"
#include "layer/sidecar_paths.h"
#include "os/directory_lock.h"
#include "os/host_path.h"

namespace cim::layer {
namespace {

using std::filesystem::path;

// Follows the naming scheme by which garbage collection recognizes temporary files of a writer.
path temporary_path(const path& directory, std::string_view sidecar_path) {
  return directory / fmt::format(".{}.{}.tmp", path(sidecar_path).filename().string(),
                                 Guid::random().to_string());
}

void copy(const path& from, File& to) {
  const File source = File::open_read(from);
  Bytes piece(std::size_t{1} << 20);
  for (std::uint64_t at = 0;;) {
    const std::size_t got = source.read_some_at(at, piece);
    if (got == 0) {
      return;
    }
    to.write_at(at, ByteView(piece).first(got));
    at += got;
  }
}

void make_plain_way(NewDirectories& made, const path& layer, std::string_view sidecar_path) {
  if (!is_plain_path(layer, sidecar_path)) {
    throw Error(ErrorCode::kInvalidArgument, (layer / sidecar_path).string(),
                "its parent is not a directory");
  }
  for (const path& directory : directories_to(layer, sidecar_path)) {
    made.make(directory);
  }
}

}  // namespace

SidecarStaging::SidecarStaging(const LayerPaths& layer)
    : paths_(layer), staging_(directory_of(paths_.image_path())) {}

// Undoes everything: directories are removed in reverse order, so that each is empty, and the
// marker after the files that it vouches for, so that a crash in between leaves no unknown files.
SidecarStaging::~SidecarStaging() {
  std::error_code ignored;
  for (const auto& [name, staged] : files_) {
    std::filesystem::remove(staged.path, ignored);
  }
  for (const path& file : installed_) {
    std::filesystem::remove(file, ignored);
  }
  if (is_marked_) {
    for (auto it = marker_.directories.rbegin(); it != marker_.directories.rend(); ++it) {
      std::filesystem::remove(layer_ / *it, ignored);
    }
    std::filesystem::remove(layer_ / kMarkerFile, ignored);
    if (marker_.directories.contains(".")) {
      std::filesystem::remove(layer_, ignored);
    }
  }
}

File& SidecarStaging::add(std::string_view path) {
  if (contains(path)) {
    throw Error(ErrorCode::kExists, name_of(path), "the layer already has this file");
  }
  File file = File::create_new(temporary_path(staging_, path));
  Staged staged{.path = file.path()};
  staged.file = std::move(file);
  return files_.emplace(path, std::move(staged)).first->second.file;
}

void SidecarStaging::add(std::string_view path, ByteView bytes) {
  add(path).write_at(0, bytes);
}

// Falls back to a copy on a file system without hard links.
void SidecarStaging::add_link(std::string_view path, std::string_view existing) {
  const auto from = staged(existing);
  const auto link = temporary_path(staging_, path);
  std::error_code no_links_here;
  std::filesystem::create_hard_link(from, link, no_links_here);
  if (no_links_here) {
    add_copy(path, existing);
  } else {
    files_.emplace(path, Staged{.path = link});
  }
  links_.emplace(path, existing);
}

void SidecarStaging::add_copy(std::string_view path, std::string_view existing) {
  const auto from = staged(existing);
  copy(from, add(path));
}

void SidecarStaging::remove(std::string_view path) {
  const auto found = files_.find(path);
  if (found != files_.end()) {
    found->second.file = File();
    remove_file(found->second.path);
    files_.erase(found);
  }
}

const path& SidecarStaging::staged(std::string_view path) const {
  return files_.find(path)->second.path;
}

Error SidecarStaging::renamed(const Error& error) const {
  const auto about = std::ranges::find_if(
      files_, [&error](const auto& file) { return file.second.path == error.subject(); });
  return about == files_.end()
             ? error
             : Error(error.code(), name_of(about->first), error.reason(), error.offset());
}

// A layer's directory may be on another file system; even there, a file under its final name must
// be complete.
void SidecarStaging::move(const path& from, const path& to) {
  std::error_code error;
  std::filesystem::rename(from, to, error);
  if (error == std::errc::cross_device_link) {
    AtomicFile file(to);
    copy(from, file.file());
    file.publish(Publish::kFailIfThere);
    remove_file(from);
  } else if (error) {
    throw Error(ErrorCode::kIo, to.string(), "cannot be moved there: " + error.message());
  }
  installed_.push_back(to);
}

void SidecarStaging::make_directory() {
  if (directories_.make(layer_)) {
    marker_.directories.emplace(".");
  }
}

// Files named by the marker of a killed writer were written by it; they are removed and written
// again.
void SidecarStaging::adopt_remains() {
  if (const auto remains = read_marker(paths_)) {
    is_marked_ = true;  // so that a failure removes them, too
    remove_marked_files(layer_, *remains);
    std::ranges::copy_if(remains->directories,
                         std::inserter(marker_.directories, marker_.directories.end()),
                         [this](const std::string& directory) {
                           return std::filesystem::exists(link_status_of(layer_ / directory));
                         });
  }
  require_no_foreign_files(paths_);
}

// Names all files and the directories that do not exist yet, before any is created. A link has the
// digest of its file, which is hashed once.
void SidecarStaging::mark() {
  for (const auto& [name, staged] : files_) {
    const auto link = links_.find(name);
    marker_.files.emplace(name, link == links_.end() ? digest_of_file(staged.path) : std::string());
    for (path directory = path(name).parent_path(); !directory.empty();
         directory = directory.parent_path()) {
      if (!std::filesystem::exists(link_status_of(layer_ / directory))) {
        marker_.directories.insert(directory.generic_string());
      }
    }
  }
  for (const auto& [name, existing] : links_) {
    marker_.files[name] = marker_.files.at(existing);
  }
  is_marked_ = true;
  marker_.image = marked_image(paths_);
  write_marker(paths_, marker_);
}

// The bytes are flushed before the marker is written, and the marker before any file is moved:
// after a crash, each file under its final name is complete and known to the marker.
void SidecarStaging::install() {
  adopt_remains();
  std::vector<File*> written;
  for (auto& [name, staged] : files_) {
    if (staged.file.descriptor() >= 0) {
      written.push_back(&staged.file);
    }
  }
  sync_together(written);
  for (File* const file : written) {
    *file = File();  // Windows moves no file that is open
  }
  mark();
  for (const auto& [name, staged] : files_) {
    make_plain_way(directories_, layer_, name);
    move(staged.path, layer_ / name);
  }
  std::set<path> changed = {layer_};
  for (const path& file : installed_) {
    changed.insert(file.parent_path());
  }
  for (const path& directory : changed) {
    sync_directory(directory);
  }
}

void SidecarStaging::dismiss() noexcept {
  files_.clear();
  installed_.clear();
  is_marked_ = false;
  directories_.dismiss();
}

// The locks are taken in the order of writers and removals. The first one also protects the
// temporary files.
void add_to_layer(const LayerPaths& layer, std::string_view name, ByteView bytes,
                  const LockTimeout& lock_timeout) {
  const path image = layer.image_path();
  const DirectoryLock images_lock(directory_of(image), lock_timeout, LockMode::kShared);
  const DirectoryLock layer_lock(layer.layer, lock_timeout);
  if (!has_image(layer)) {
    throw Error(ErrorCode::kNotFound, image.string(), "was removed in the meantime");
  }
  if (auto marker = read_marker(layer)) {
    marker->files.insert_or_assign(std::string(name), digest_of(bytes));
    write_marker(layer, *marker);
  }
  put_in_layer(layer, name, bytes);
}

}  // namespace cim::layer
