// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// The volumes of containers: where an image mounted for a container appears, and which process may
// work there. All state of a volume is in the file system and the kernel's mount table.
//
//   VOLUMES/GUID/         the volume's directory, locked while it is created or removed
//   VOLUMES/GUID/mount/   the mount point

#include <filesystem>
#include <memory>
#include <optional>
#include <string_view>

#include "cimlib/guid.h"

#include "mount/base/trusted_directory.h"
#include "os/directory_lock.h"

namespace cim::mount {

/// Returns the GUID of a container's volume: version 5, computed from the same bytes as in hcsshim.
Guid volume_id(std::string_view container_id);

/// Returns /run/cimlib/volumes for root, cimlib/volumes in the runtime directory for other users.
/// Throws kNotFound if the user has no runtime directory.
std::filesystem::path volumes_directory();

/// Returns the mount point of a volume, as in the mount table. Throws as volumes_directory() does.
std::filesystem::path volume_mount_point(const Guid& id);

/// Returns the volume whose mount point has that path; nullopt for any other path. Looks only at
/// the form of the path, not at the file system.
std::optional<Guid> volume_at(const std::filesystem::path& mount_point);

/// The directories of one volume. While it exists, no other process creates, mounts or removes
/// anything there.
class Volume {
 public:
  /// Creates the directories that are missing. Throws kBusy if another process works there for more
  /// than a minute, kAccessDenied also if others could replace something on the way
  /// (trusted_directory.h), kIo.
  static Volume make(const Guid& id);
  /// Returns nullopt if the volume has no directory.
  static std::optional<Volume> find(const Guid& id);
  /// Finds the volume of a mount point; nullopt if it is not one of this user's volumes.
  static std::optional<Volume> find_by_mount_point(const std::filesystem::path& mount_point);

  /// As in the mount table.
  const std::filesystem::path& mount_point() const noexcept { return mount_point_; }

  /// Removes the directories that make() created, and those above them, as far as they are empty.
  void remove_directories();

 private:
  Volume(std::filesystem::path directory, std::unique_ptr<DirectoryLock> lock);
  static std::optional<Volume> open(const TrustedDirectory& directory);
  static std::optional<Volume> try_make(const std::filesystem::path& path);

  std::filesystem::path directory_;
  std::filesystem::path mount_point_;
  std::unique_ptr<DirectoryLock> lock_;
};

}  // namespace cim::mount
