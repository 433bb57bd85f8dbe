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
  parameters.required("CONTAINER_ID", "the container's id", options->container);
  parameters.flag("-l,--lazy", "even while it is in use: it goes out of sight at once",
                  options->lazy);
  return [options](Console& console) { return run(*options, console); };
}

constexpr std::array<Example, 2> kExamples = {{
    {"cim cleanup web-1", "takes away what is mounted for a container, alive or dead"},
    {"cim cleanup --lazy web-1", "does so even while programs have files there open"},
}};

}  // namespace
}  // namespace cleanup_verb

constinit const Verb kCleanupVerb = {
    .name = "cleanup",
    .summary = "take away whatever is mounted for a container",
    .description =
        "Unmounts the volume of a container, whatever image it shows and whether its server lives "
        "or has died, and removes the directories of it. It needs nothing but the id, and "
        "succeeds if there is nothing, so that it can be called after any crash. A volume in use "
        "is refused, unless --lazy is given or its server has died.",
    .examples = cleanup_verb::kExamples,
    .prepare = cleanup_verb::prepare,
};

}  // namespace cim::cli
