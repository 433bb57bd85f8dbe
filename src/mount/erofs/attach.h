// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// Mounting an image through EROFS, from the options to the mount that works.

#include <filesystem>
#include <optional>
#include <stop_token>
#include <string>

#include "cimlib/mount.h"

#include "mount/erofs/kernel_mount.h"
#include "mount/overlay.h"

namespace cim::mount::erofs {

/// Why what the options ask cannot be had with EROFS; empty if it can.
std::string objection(const Options& options);

/// Whether files that are missing are to be put up with.
enum class Missing { kTold, kRefused };

/// A mount that works, with the overlay that it may have. Goes with the object, unless it is left.
class ErofsMount {
 public:
  /// Throws besides what find_or_build() and mount_nowhere() throw kUnsupported where the kernel
  /// reads other bytes than this library, and kLimit for missing files.
  ErofsMount(const std::filesystem::path& path, const std::filesystem::path& mount_point,
             const Options& options, Missing missing, const std::stop_token& stop = {});

  const Mounted& mounted() const noexcept { return mounted_; }

  /// It stays, without this process.
  void leave() noexcept;

  /// Returns when somebody unmounted it or `stop` asks.
  void wait(const std::stop_token& stop) const;

 private:
  std::optional<KernelMount> mount_;
  std::optional<Overlay> overlay_;  // goes first
  Mounted mounted_;
};

}  // namespace cim::mount::erofs
