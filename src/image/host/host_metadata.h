// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// The metadata of a file of the host, in the form used in images.

#include <optional>

#include "image/host/host_entry_posix.h"
#include "image/host/host_tree.h"

namespace cim {

/// Returns what NTFS stores for a file, as ntfs-3g and the FUSE mounts of cimlib show it; nullopt
/// on any other file system. Throws kCorrupt, naming the file, for values that are not in the form
/// of NTFS.
std::optional<HostMetadata> ntfs_metadata_of(const HostEntry& entry);

/// The same, as the EROFS mounts of cimlib show it. Copies of a file can have it on any file
/// system.
std::optional<HostMetadata> stored_ntfs_metadata_of(const HostEntry& entry);

/// Returns what NTFS stores for a file; on other file systems, the attributes that this library has
/// written, or what POSIX provides. A symbolic link
/// without reparse data has none in the result either. Throws kCorrupt, naming the file, for values
/// that are not in the form of NTFS.
HostMetadata metadata_of(const HostEntry& entry, TimesOfFiles which, OwnXattrs own);

}  // namespace cim
