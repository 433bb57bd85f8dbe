// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include <array>
#include <memory>
#include <string>

#include "cimlib/mount.h"

#include "cli/verbs/verbs.h"

namespace cim::cli {

extern const Verb kUmountVerb;

namespace {

struct Options {
  std::string mount_point;
  bool lazy = false;
};

int run(const Options& options) {
  mount::unmount(options.mount_point,
                 options.lazy ? mount::Unmounting::kLazily : mount::Unmounting::kIfIdle);
  return kSuccess;
}

Action prepare(Parameters& parameters) {
  auto options = std::make_shared<Options>();
  parameters.required("MOUNTPOINT", "where the image is mounted", options->mount_point,
                      Completes::kDirectories);
  parameters.flag("-l,--lazy", "even while it is in use: it goes out of sight at once",
                  options->lazy);
  return [options](Console&) { return run(*options); };
}

constexpr std::array<Example, 2> kExamples = {{
    {"cim umount /mnt", "takes away what `cim mount` made"},
    {"cim umount --lazy /mnt", "the same while programs have files there open"},
}};

}  // namespace

constinit const Verb kUmountVerb = {
    .name = "umount",
    .summary = "take a mounted image away",
    .description =
        "Unmounts an image and ends the process that serves it. Refuses while something there is "
        "in use, unless --lazy is given; then programs keep what they have open, and the process "
        "ends with the last of them. Also removes a mount whose process has died.",
    .examples = kExamples,
    .prepare = prepare,
};

}  // namespace cim::cli
