// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include <array>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <system_error>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "cimlib/error.h"
#include "cimlib/layer_mount.h"
#include "cimlib/mount.h"

#include "cli/verbs/verbs.h"

namespace cim::cli {

extern const Verb kUmountVerb;

namespace umount_verb {
namespace {

struct Options {
  std::optional<std::string> target;
  std::optional<std::string> container;
  bool lazy = false;
};

bool is_image_file(const std::filesystem::path& path) {
  std::error_code ignored;
  return std::filesystem::is_regular_file(path, ignored);
}

/// Returns the only mount point of the image.
std::filesystem::path mount_point_of(const std::filesystem::path& image) {
  std::vector<std::string> places;
  for (const mount::ActiveMount& mount : mount::list()) {
    std::error_code gone;
    if (std::filesystem::equivalent(mount.image, image, gone)) {
      places.push_back(mount.mount_point.string());
    }
  }
  if (places.empty()) {
    throw Error(ErrorCode::kNotFound, image.string(), "not mounted");
  }
  if (places.size() > 1) {
    throw Error(ErrorCode::kInvalidArgument, image.string(),
                fmt::format("mounted at {}: give the mount point", fmt::join(places, " and ")));
  }
  return places.front();
}

void unmount_container(const Options& options, mount::UnmountMode mode) {
  if (options.target) {
    layer::unmount(*options.target, *options.container, mode);
  } else if (!layer::cleanup_container_mounts(*options.container, mode)) {
    throw Error(ErrorCode::kNotFound, "container " + *options.container, "nothing is mounted");
  }
}

int run(const Options& options) {
  const auto mode = options.lazy ? mount::UnmountMode::kLazily : mount::UnmountMode::kIfIdle;
  if (options.container) {
    unmount_container(options, mode);
  } else if (!options.target) {
    throw UsageError{"umount: TARGET or --container is missing"};
  } else if (is_image_file(*options.target)) {
    mount::unmount(mount_point_of(*options.target), mode);
  } else {
    mount::unmount(*options.target, mode);
  }
  return kSuccess;
}

Action prepare(Parameters& parameters) {
  auto options = std::make_shared<Options>();
  parameters.optional("TARGET", "the mount point, or the image file", options->target,
                      Completes::kImages);
  parameters.option("-c,--container", "ID", "unmount the volume of this container",
                    &options->container);
  parameters.flag("-l,--lazy", "detach the mount immediately, even if it is in use", options->lazy);
  return [options](Console&) { return run(*options); };
}

constexpr std::array<Example, 4> kExamples = {{
    {"cim umount /mnt", "unmount the image mounted at /mnt"},
    {"cim umount layers/7.cim", "unmount an image that is mounted in only one place"},
    {"cim umount --container web-1", "unmount the volume of a container"},
    {"cim umount --lazy /mnt", "unmount it even while files on it are open"},
}};

}  // namespace
}  // namespace umount_verb

constinit const Verb kUmountVerb = {
    .name = "umount",
    .summary = "unmount an image",
    .description =
        "Unmounts an image and ends its server process, and unmounts the overlay of a writable "
        "mount. Fails while the mount is in use, unless --lazy is given; with --lazy, programs "
        "keep the files they have open, and the server ends when the last one is closed. Mounts "
        "whose server has died are unmounted even if they are in use.\n\n"
        "With both an image and --container, unmounts the volume only if that image is mounted "
        "there.",
    .examples = umount_verb::kExamples,
    .prepare = umount_verb::prepare,
};

}  // namespace cim::cli
