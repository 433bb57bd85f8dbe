// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// Directories in which nobody but root and the user of this process can put, rename or remove
// anything, on the whole way from the root: what is mounted depends on the files there. They are
// opened one below the other and looked at once they are open, so that nothing can be put in their
// place between a check and its use.

#include <filesystem>
#include <optional>
#include <string>

#include <sys/types.h>

#include "os/descriptor_posix.h"

namespace cim::mount {

struct TrustedDirectory {
  Descriptor descriptor;       ///< for openat(2) and the like
  std::filesystem::path path;  ///< without links; as only those who are trusted can change what it
                               ///< leads to, it may be used too
};

/// Opens a directory, and makes those that are missing on the way to it with `mode`, whatever the
/// umask. All of them must belong to root, to this user or to the owner of the root directory
/// (root, as seen from a user namespace), and others may not write there unless it is sticky, as
/// /tmp is; links on the way must belong to one of those too. Throws kAccessDenied, naming what is
/// at fault, and what opening and making give.
TrustedDirectory make_trusted_directory(const std::filesystem::path& path, mode_t mode);

/// The same; nothing if it is not there.
std::optional<TrustedDirectory> find_trusted_directory(const std::filesystem::path& path);

/// A directory in it, which is made if it is missing and may be no link.
TrustedDirectory make_trusted_child(const TrustedDirectory& parent, const std::string& name,
                                    mode_t mode);

/// Throws kAccessDenied unless it belongs to this user and nobody else may write there.
void require_private(const TrustedDirectory& directory);

}  // namespace cim::mount
