// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// Directories in which only root and the user of this process can create, rename or remove entries,
// all the way from the root: what is mounted depends on the files there. Each directory is opened
// relative to its parent and examined after it is opened, so that nothing can be replaced between a
// check and its use.

#include <filesystem>
#include <optional>
#include <string>

#include <sys/types.h>

#include "os/descriptor_posix.h"

namespace cim::mount {

/// An open directory that passed the checks.
struct TrustedDirectory {
  Descriptor descriptor;       ///< for openat(2) and the like
  std::filesystem::path path;  ///< without symbolic links; safe to use, since only trusted users
                               ///< can change what it refers to
};

/// Opens a directory, creating it and its missing parents with `mode`, whatever the umask. All of
/// them must belong to root, to this user or to the owner of the root directory (root, as seen from
/// a user namespace), and must not be writable by others unless sticky, like /tmp; symbolic links
/// on the way must belong to one of those users too. Throws kAccessDenied, naming the offending
/// path, and whatever opening and creating throw.
TrustedDirectory make_trusted_directory(const std::filesystem::path& path, mode_t mode);

/// Opens a directory under the same conditions; nullopt if it does not exist.
std::optional<TrustedDirectory> find_trusted_directory(const std::filesystem::path& path);

/// Opens a subdirectory, creating it if it is missing; it must not be a symbolic link.
TrustedDirectory make_trusted_child(const TrustedDirectory& parent, const std::string& name,
                                    mode_t mode);

/// Throws kAccessDenied unless it belongs to this user and is writable only by this user.
void require_private(const TrustedDirectory& directory);

}  // namespace cim::mount
