// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include <array>
#include <memory>
#include <string>

#include <fmt/format.h>

#include "cimlib/host_path.h"
#include "cimlib/layer.h"

#include "cli/image_writing.h"
#include "cli/json_output.h"
#include "cli/text_output.h"
#include "cli/verb.h"

namespace cim::cli {
namespace layer_usage_verb {
namespace {

struct Options {
  std::string layer;
  LayerPathOptions paths;
};

void print_line(Console& console, std::string_view what, std::uint64_t size, std::uint64_t inodes) {
  console.print("{:<8}{:>10} in {}\n", what, readable_size(size),
                counted(inodes, "file or directory", "files and directories"));
}

int run(const Options& options, Console& console) {
  const layer::LayerPaths paths = layer_paths(options.layer, options.paths);
  const layer::Usage usage = layer::usage(paths);
  if (console.json()) {
    print_json(console, {{"layer", options.layer},
                         {"image", paths.image_path().string()},
                         {"size", usage.size},
                         {"inodes", usage.inodes},
                         {"shared_size", usage.shared_size},
                         {"shared_inodes", usage.shared_inodes}});
    return kSuccess;
  }
  print_line(console, "own", usage.size, usage.inodes);
  print_line(console, "shared", usage.shared_size, usage.shared_inodes);
  return kSuccess;
}

Action prepare(Parameters& parameters) {
  auto options = std::make_shared<Options>();
  parameters.required("LAYER_DIR", "the layer's directory", options->layer,
                      Completes::kDirectories);
  image_option(parameters, options->paths);
  return [options](Console& console) { return run(*options, console); };
}

constexpr std::array<Example, 2> kExamples = {{
    {"cim layer usage store/7", "show what layer 7 adds to the store"},
    {"cim layer usage --json snapshots/7 --image snapshots/cim-layers/7.cim",
     "show it as JSON, for a layer with an explicit image path"},
}};

}  // namespace
}  // namespace layer_usage_verb

constinit const Verb kLayerUsageVerb = {
    .name = "layer usage",
    .summary = "show the disk usage of a layer",
    .description =
        "Shows the size and number of a layer's own files: everything in its directory, its image "
        "and the image's own region and object id files. Those of the layers below, which "
        "the image also needs, are shown as shared and belong to the usage of these layers.\n\n"
        "Sizes are those of the files, holes included. A file with several names counts once. Only "
        "the header of the image is read.",
    .examples = layer_usage_verb::kExamples,
    .json = JsonOutput::kSupported,
    .prepare = layer_usage_verb::prepare,
};

}  // namespace cim::cli
