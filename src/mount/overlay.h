// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// Makes a mounted image writable with a kernel overlay on top of it, at the same mount point.

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "cimlib/mount.h"

#include "mount/mount_table.h"

namespace cim::mount {

/// Throws kUnsupported unless this process may mount overlays.
void require_overlays();

class Overlay {
 public:
  /// Mounts an overlay on top of `mount_point`, which must be spelled as in the mount table; it
  /// stores its files in options.upper. Throws kBusy if another overlay uses that directory,
  /// kAccessDenied, kUnsupported if the kernel or the file system of `upper` does not support it,
  /// and whatever creating the directories throws.
  Overlay(const std::string& source, const std::filesystem::path& mount_point,
          const Options& options);
  Overlay(const Overlay&) = delete;
  Overlay& operator=(const Overlay&) = delete;
  /// Unmounts it lazily, unless forget() was called or something else is mounted on top.
  ~Overlay();

  /// Makes the destructor leave the mount alone: it is already unmounted, or is to be kept.
  void forget() noexcept { device_.clear(); }

 private:
  std::filesystem::path mount_point_;
  std::string device_;
};

/// Returns the mount(2) options for an overlay with these directories; commas, colons and
/// backslashes in their names are escaped with a backslash.
std::string overlay_data(const std::filesystem::path& lower, const std::filesystem::path& upper);

/// Returns the Options::upper that the overlay was mounted with.
std::optional<std::filesystem::path> upper_of_overlay(const Mount& overlay);

}  // namespace cim::mount
