// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include <array>
#include <memory>
#include <string>

#include <fmt/format.h>

#include "cimlib/hive.h"
#include "cimlib/host_path.h"

#include "cli/json_output.h"
#include "cli/text_output.h"
#include "cli/verb.h"

namespace cim::cli {
namespace hive_merge_verb {
namespace {

struct Options {
  std::string base;
  std::string delta;
  std::string target;
};

int run(const Options& options, Console& console) {
  registry::MergeOptions merge;
  merge.warning = [&console](const std::string& warning) { console.warn(warning); };
  const registry::MergeResult result = registry::merge(
      host_path(options.base), {host_path(options.delta)}, host_path(options.target), merge);
  if (console.json()) {
    print_json(console, {{"keys", result.keys},
                         {"values", result.values},
                         {"copied_up_without_base", result.copied_up_without_base}});
  } else {
    console.inform(fmt::format("{}, {}", counted(result.keys, "key", "keys"),
                               counted(result.values, "value", "values")));
  }
  return kSuccess;
}

Action prepare(Parameters& parameters) {
  auto options = std::make_shared<Options>();
  parameters.required("BASE", "the full hive of the parent layer", options->base,
                      Completes::kFiles);
  parameters.required("DELTA", "the delta hive of the layer", options->delta, Completes::kFiles);
  parameters.required("OUT", "the full hive to create; must not exist", options->target,
                      Completes::kFiles);
  return [options](Console& console) { return run(*options, console); };
}

constexpr std::array<Example, 1> kExamples = {{
    {"cim hive merge parent/Hives/SYSTEM_BASE Hives/SYSTEM_DELTA Hives/SYSTEM_BASE",
     "create the SYSTEM hive of a layer"},
}};

}  // namespace
}  // namespace hive_merge_verb

constinit const Verb kHiveMergeVerb = {
    .name = "hive merge",
    .summary = "merge the registry delta of a layer into a hive",
    .description =
        "Creates the full hive of a layer from its parent's hive and the delta hive in the layer, "
        "as ORMergeHives does on Windows. Details that Microsoft does not document follow observed "
        "behavior: security descriptors come from the delta, except that of the root; key names "
        "keep the spelling of the parent unless the key is replaced.\n\n"
        "The same input always produces the same output.",
    .examples = hive_merge_verb::kExamples,
    .json = JsonOutput::kSupported,
    .prepare = hive_merge_verb::prepare,
};

}  // namespace cim::cli
