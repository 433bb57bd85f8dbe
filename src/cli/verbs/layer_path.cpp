// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include <array>
#include <memory>
#include <string>

#include "cimlib/host_path.h"
#include "cimlib/layer.h"

#include "cli/json_output.h"
#include "cli/text_output.h"
#include "cli/verb.h"

namespace cim::cli {
namespace layer_path_verb {
namespace {

struct Options {
  std::string layer;
};

int run(const Options& options, Console& console) {
  const auto layer = layer::resolve_layer(host_path(options.layer));
  const bool exists = layer::is_cim_layer(layer);
  if (console.json()) {
    print_json(console, {{"layer", options.layer},
                         {"name", layer::cim_name(layer)},
                         {"directory", layer::cim_dir(layer).string()},
                         {"image", layer::cim_path(layer).string()},
                         {"exists", exists}});
    return kSuccess;
  }
  console.print("{}\n", shown(layer::cim_path(layer).string(), console.output_terminal()));
  console.explain(exists ? "the image exists" : "the image does not exist");
  return kSuccess;
}

Action prepare(Parameters& parameters) {
  auto options = std::make_shared<Options>();
  parameters.required("LAYER_DIR", "the layer's directory", options->layer,
                      Completes::kDirectories);
  return [options](Console& console) { return run(*options, console); };
}

constexpr std::array<Example, 2> kExamples = {{
    {"cim layer path store/7", "print store/cim-layers/7.cim"},
    {"cim ls \"$(cim layer path store/7)\"", "list the image of a layer"},
}};

}  // namespace
}  // namespace layer_path_verb

constinit const Verb kLayerPathVerb = {
    .name = "layer path",
    .summary = "show the path of the image of a layer",
    .description =
        "Prints the path of the image that belongs to a layer directory. Neither has to exist; "
        "with --json, the output also says whether the image does.",
    .examples = layer_path_verb::kExamples,
    .json = JsonOutput::kSupported,
    .prepare = layer_path_verb::prepare,
};

}  // namespace cim::cli
