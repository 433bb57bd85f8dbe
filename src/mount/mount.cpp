// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "cimlib/mount.h"

#include <algorithm>
#include <filesystem>
#include <optional>
#include <stop_token>
#include <string>
#include <utility>

#include "cimlib/error.h"

#include "mount/erofs/erofs_mount.h"
#include "mount/fuse/serve.h"
#include "mount/overlay/overlay.h"
#include "os/host_path.h"

// Chooses the backend, and adds the overlay of a writable mount to either. The backends do not know
// each other, nor the overlay: the FUSE server gets a function that mounts it, because it has to be
// mounted once the server replies to requests, in the server's process.

namespace cim::mount {
namespace {

/// An EROFS mount with its overlay, which is unmounted first.
struct ErofsMounts {
  erofs::ErofsMount image;
  std::optional<MountGuard> overlay{};
};

/// The result of trying EROFS: a mount, or a reason to use FUSE; neither if EROFS was not
/// requested.
struct Attempt {
  std::optional<ErofsMounts> erofs{};
  std::string fallback_reason{};
};

// The overlay is checked first, so that a mount that cannot become writable is not made at all.
ErofsMounts mount_erofs(const std::filesystem::path& image,
                        const std::filesystem::path& mount_point, const Options& options,
                        erofs::Missing missing, const std::stop_token& stop) {
  overlay::require_possible(options);
  ErofsMounts mounts = {.image = erofs::mount_image(image, mount_point, options, missing, stop)};
  if (options.upper) {
    mounts.overlay.emplace(overlay::mount_on_top(absolute_path(image).string(),
                                                 mounts.image.guard.mount_point(), options));
  }
  return mounts;
}

Attempt require_erofs(const std::filesystem::path& image, const std::filesystem::path& mount_point,
                      const Options& options, const std::stop_token& stop) {
  if (const auto objection = erofs::objection(options); !objection.empty()) {
    throw Error(ErrorCode::kInvalidArgument, "option backend=erofs", objection);
  }
  Attempt attempt;
  attempt.erofs.emplace(mount_erofs(image, mount_point, options, erofs::Missing::kReported, stop));
  return attempt;
}

/// Errors that are not specific to EROFS will be reported by FUSE again.
Attempt try_erofs(const std::filesystem::path& image, const std::filesystem::path& mount_point,
                  const Options& options, const std::stop_token& stop) {
  Attempt attempt = {.fallback_reason = erofs::objection(options)};
  if (attempt.fallback_reason.empty()) {
    try {
      attempt.erofs.emplace(
          mount_erofs(image, mount_point, options, erofs::Missing::kRefused, stop));
    } catch (const Error& error) {
      if (error.code() == ErrorCode::kCancelled) {
        throw;
      }
      attempt.fallback_reason = error.what();
    }
  }
  return attempt;
}

Attempt attempt_erofs(const std::filesystem::path& image, const std::filesystem::path& mount_point,
                      const Options& options, const std::stop_token& stop = {}) {
  switch (options.backend) {
    case BackendChoice::kFuse:
      return {};
    case BackendChoice::kErofs:
      return require_erofs(image, mount_point, options, stop);
    case BackendChoice::kAuto:
      break;
  }
  return try_erofs(image, mount_point, options, stop);
}

/// Resolves paths now, since a server in the background changes its working directory.
Options with_absolute_regions(Options options) {
  std::ranges::transform(options.region_directories, options.region_directories.begin(),
                         absolute_path);
  return options;
}

/// Resolves the path of the overlay's directory now, for the same reason.
fuse::OverlayMounter overlay_mounter(Options options) {
  overlay::require_possible(options);
  if (!options.upper) {
    return {};
  }
  options.upper = absolute_path(*options.upper);
  return [options = std::move(options)](const std::string& source,
                                        const std::filesystem::path& mount_point) {
    return overlay::mount_on_top(source, mount_point, options);
  };
}

}  // namespace

void serve_foreground(const std::filesystem::path& image, const std::filesystem::path& mount_point,
                      const Options& options, const Events& events, const std::stop_token& stop) {
  const Attempt attempt = attempt_erofs(image, mount_point, options, stop);
  const ReadySink ready = [&](const Mounted& mounted) {
    if (events.ready) {
      events.ready(mounted);
    }
  };
  if (attempt.erofs) {
    ready(attempt.erofs->image.mounted);
    erofs::wait_until_unmounted(attempt.erofs->image.guard, stop);
  } else {
    fuse::serve_foreground(
        image, mount_point, options, overlay_mounter(options),
        {.ready = [&](const Mounted&) { ready({.fallback_reason = attempt.fallback_reason}); },
         .warning = events.warning},
        stop);
  }
}

// An EROFS mount needs no process: once its guards are dismissed, it remains until it is unmounted.
void mount_in_background(const std::filesystem::path& image,
                         const std::filesystem::path& mount_point, const Options& options,
                         const ReadySink& ready) {
  Attempt attempt = attempt_erofs(image, mount_point, options);
  Mounted mounted = {.fallback_reason = attempt.fallback_reason};
  if (attempt.erofs) {
    ErofsMounts& mounts = *attempt.erofs;
    mounted = mounts.image.mounted;
    mounts.image.guard.dismiss();
    if (mounts.overlay) {
      mounts.overlay->dismiss();
    }
  } else {
    fuse::mount_in_background(image, mount_point, with_absolute_regions(options),
                              overlay_mounter(options));
  }
  if (ready) {
    ready(mounted);
  }
}

std::string_view to_string(Backend backend) noexcept {
  return backend == Backend::kErofs ? "erofs" : "fuse";
}

}  // namespace cim::mount
