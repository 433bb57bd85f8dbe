// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include <array>
#include <memory>
#include <string>

#include <fmt/format.h>

#include "cimlib/layer_mount.h"

#include "cli/verbs/verbs.h"

namespace cim::cli {

extern const Verb kCleanupVerb;

namespace cleanup_verb {
namespace {

struct Options {
  std::string container;
  bool lazy = false;
};

int run(const Options& options, Console& console) {
  const bool had_any = layer::cleanup_container_mounts(
      options.container, options.lazy ? mount::UnmountMode::kLazily : mount::UnmountMode::kIfIdle);
  console.explain(
      fmt::format("container {}: {}", options.container,
                  had_any ? "its volume is gone" : "nothing is mounted, and nothing was left"));
  return kSuccess;
}

Action prepare(Parameters& parameters) {
  auto options = std::make_shared<Options>();
  parameters.required("CONTAINER_ID", "the container ID", options->container);
  parameters.flag("-l,--lazy", "detach the volume immediately, even if it is in use",
                  options->lazy);
  return [options](Console& console) { return run(*options, console); };
}

constexpr std::array<Example, 2> kExamples = {{
    {"cim cleanup web-1", "unmount the volume of a container and remove its directories"},
    {"cim cleanup --lazy web-1", "unmount it even while files on it are open"},
}};

}  // namespace
}  // namespace cleanup_verb

constinit const Verb kCleanupVerb = {
    .name = "cleanup",
    .summary = "unmount the volume of a container and remove its directories",
    .description =
        "Unmounts the volume of a container, whatever image is mounted there and whether or not "
        "its server is still running, and removes the directories of the volume. The container ID "
        "is all it needs, and it succeeds if nothing is mounted, so it can be run after any "
        "crash. Fails if the volume is in use, unless --lazy is given or the server has died.",
    .examples = cleanup_verb::kExamples,
    .prepare = cleanup_verb::prepare,
};

}  // namespace cim::cli
