// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// The volumes of containers: where an image that is mounted for a container shows, and who may work
// there. All that is known of a volume is in the file system and the kernel's mount table.
//
//   VOLUMES/GUID/         the volume's directory, locked while it comes or goes
//   VOLUMES/GUID/mount/   where the image shows

#include <filesystem>
#include <memory>
#include <optional>
#include <string_view>

#include "cimlib/guid.h"

#include "mount/trusted_directory.h"
#include "os/directory_lock.h"

namespace cim::mount {

/// The GUID of the volume of a container: version 5, by the bytes that hcsshim takes.
Guid volume_id(std::string_view container_id);

/// /run/cimlib/volumes for root, cimlib/volumes in the runtime directory for other users. Throws
/// kNotFound for a user who has none.
std::filesystem::path volumes_directory();

/// Where the image of a volume shows, as the mount table has it. Throws as volumes_directory().
std::filesystem::path volume_mount_point(const Guid& id);

/// The volume whose image shows at that place, by the form of the path alone.
std::optional<Guid> volume_at(const std::filesystem::path& mount_point);

/// The directories of one volume; while it lives, no other process makes, mounts or removes there.
class Volume {
 public:
  /// Makes the directories that are missing. Throws kBusy if another process works there for more
  /// than a minute, kAccessDenied also where others could put something in their place
  /// (trusted_directory.h), kIo.
  static Volume make(const Guid& id);
  /// Nothing if it has no directory.
  static std::optional<Volume> find(const Guid& id);
  /// That of a mount point, if it is one of this user's volumes.
  static std::optional<Volume> find_by_mount_point(const std::filesystem::path& mount_point);

  /// As the mount table has it.
  const std::filesystem::path& mount_point() const noexcept { return mount_point_; }

  /// Removes what make() made, unless something is in it, and what is empty above it.
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
