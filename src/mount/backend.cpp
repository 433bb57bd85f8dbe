// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include <filesystem>
#include <memory>
#include <stop_token>
#include <string>

#include "cimlib/error.h"
#include "cimlib/mount.h"

#include "mount/erofs/attach.h"
#include "mount/fuse/serve.h"

// Chooses the backend for mount_in_background() and serve_foreground().

namespace cim::mount {
namespace {

/// The result of trying EROFS: a mount, or a reason to use FUSE; neither if EROFS was not
/// requested.
struct Attempt {
  std::unique_ptr<erofs::ErofsMount> mount{};
  std::string why_not{};
};

Attempt require_erofs(const std::filesystem::path& image, const std::filesystem::path& mount_point,
                      const Options& options, const std::stop_token& stop) {
  if (const auto objection = erofs::objection(options); !objection.empty()) {
    throw Error(ErrorCode::kInvalidArgument, "option backend=erofs", objection);
  }
  Attempt attempt;
  attempt.mount =
      std::make_unique<erofs::ErofsMount>(image, mount_point, options, erofs::Missing::kTold, stop);
  return attempt;
}

/// Errors that are not specific to EROFS will be reported by FUSE again.
Attempt try_erofs(const std::filesystem::path& image, const std::filesystem::path& mount_point,
                  const Options& options, const std::stop_token& stop) {
  Attempt attempt = {.why_not = erofs::objection(options)};
  if (attempt.why_not.empty()) {
    try {
      attempt.mount = std::make_unique<erofs::ErofsMount>(image, mount_point, options,
                                                          erofs::Missing::kRefused, stop);
    } catch (const Error& error) {
      if (error.code() == ErrorCode::kCancelled) {
        throw;
      }
      attempt.why_not = error.what();
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

}  // namespace

void serve_foreground(const std::filesystem::path& image, const std::filesystem::path& mount_point,
                      const Options& options, const Events& events, const std::stop_token& stop) {
  const Attempt erofs = attempt_erofs(image, mount_point, options, stop);
  const ReadySink ready = [&](const Mounted& mounted) {
    if (events.ready) {
      events.ready(mounted);
    }
  };
  if (erofs.mount) {
    ready(erofs.mount->mounted());
    erofs.mount->wait(stop);
  } else {
    serve_fuse_foreground(
        image, mount_point, options,
        {.ready = [&](const Mounted&) { ready({.fallback_reason = erofs.why_not}); },
         .warning = events.warning},
        stop);
  }
}

void mount_in_background(const std::filesystem::path& image,
                         const std::filesystem::path& mount_point, const Options& options,
                         const ReadySink& ready) {
  Attempt erofs = attempt_erofs(image, mount_point, options);
  if (erofs.mount) {
    erofs.mount->leave();
  } else {
    mount_fuse_in_background(image, mount_point, options);
  }
  if (ready) {
    ready(erofs.mount ? erofs.mount->mounted() : Mounted{.fallback_reason = erofs.why_not});
  }
}

}  // namespace cim::mount
