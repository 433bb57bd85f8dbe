// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// What makes a mounted image writable: an overlay of the kernel over it, at the same place.

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "cimlib/mount.h"

#include "mount/mount_table.h"

namespace cim::mount {

/// Whether this process may lay overlays at all. Throws kUnsupported if not.
void require_overlays();

class Overlay {
 public:
  /// Covers what is mounted at `mount_point`, which is as the mount table has it, with an overlay
  /// that keeps its files in options.upper. Throws kBusy if another mount has that, kAccessDenied,
  /// kUnsupported where the kernel or the file system of `upper` can't, and whatever making the
  /// directories there gives.
  Overlay(const std::string& source, const std::filesystem::path& mount_point,
          const Options& options);
  Overlay(const Overlay&) = delete;
  Overlay& operator=(const Overlay&) = delete;
  /// Unmounts it lazily, unless forget() was called or something else is mounted over it.
  ~Overlay();

  /// It has been unmounted, or shall stay.
  void forget() noexcept { device_.clear(); }

 private:
  std::filesystem::path mount_point_;
  std::string device_;
};

/// The options of mount(2) for an overlay with these directories; commas, colons and backslashes in
/// their names take a backslash.
std::string overlay_data(const std::filesystem::path& lower, const std::filesystem::path& upper);

/// What Options::upper was.
std::optional<std::filesystem::path> upper_of_overlay(const Mount& overlay);

}  // namespace cim::mount
