// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include <fmt/format.h>

#include "cimlib/host_path.h"
#include "cimlib/layer.h"

#include "cli/image_writing.h"
#include "cli/json_output.h"
#include "cli/text_output.h"
#include "cli/verb.h"

namespace cim::cli {
namespace layer_destroy_verb {
namespace {

struct Options {
  std::string layer;
  std::optional<std::uint64_t> wait_seconds;
};

int run(const Options& options, Console& console) {
  const bool was_there =
      layer::destroy(host_path(options.layer), lock_timeout(options.wait_seconds));
  if (console.json()) {
    print_json(console, {{"layer", options.layer}, {"removed", was_there}});
    return kSuccess;
  }
  console.inform(was_there ? fmt::format("removed the layer {}", options.layer)
                           : fmt::format("layer {} does not exist", options.layer));
  return kSuccess;
}

Action prepare(Parameters& parameters) {
  auto options = std::make_shared<Options>();
  parameters.required("LAYER_DIR", "the layer's directory", options->layer,
                      Completes::kDirectories);
  wait_option(parameters, options->wait_seconds);
  return [options](Console& console) { return run(*options, console); };
}

constexpr std::array<Example, 1> kExamples = {{
    {"cim layer destroy store/7", "remove store/cim-layers/7.cim, its region files, and store/7"},
}};

}  // namespace
}  // namespace layer_destroy_verb

constinit const Verb kLayerDestroyVerb = {
    .name = "layer destroy",
    .summary = "remove a layer",
    .description =
        "Removes the image of a layer, the files that importing it wrote to the layer's "
        "directory, and the directory itself if the import created it and it is then empty. A "
        "marker file in the directory lists these files; all others are kept. It is not an error "
        "if the layer does not exist, or if the directory is not a layer, in which case nothing "
        "is removed from it.\n\n"
        "Fails while another layer has this one as its parent, while its image is mounted, or "
        "while an image is being written next to it.",
    .examples = layer_destroy_verb::kExamples,
    .json = JsonOutput::kSupported,
    .prepare = layer_destroy_verb::prepare,
};

}  // namespace cim::cli
