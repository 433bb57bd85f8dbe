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
  std::optional<std::string> layer;
  LayerPathOptions paths;
  std::optional<std::uint64_t> wait_seconds;
};

bool destroy(const Options& options) {
  const LockTimeout timeout = lock_timeout(options.wait_seconds);
  return options.layer ? layer::destroy(layer_paths(*options.layer, options.paths), timeout)
                       : layer::destroy_image(host_path(*options.paths.image), timeout);
}

int run(const Options& options, Console& console) {
  if (!options.layer && !options.paths.image) {
    throw UsageError{"the layer's directory or --image is missing"};
  }
  const bool was_there = destroy(options);
  if (console.json()) {
    Json json = options.layer ? Json{{"layer", *options.layer}} : Json::object();
    if (options.paths.image) {
      json["image"] = *options.paths.image;
    }
    json["removed"] = was_there;
    print_json(console, json);
    return kSuccess;
  }
  const std::string what =
      options.layer ? "layer " + *options.layer : "image " + *options.paths.image;
  console.inform(was_there ? fmt::format("removed the {}", what)
                           : fmt::format("{} does not exist", what));
  return kSuccess;
}

Action prepare(Parameters& parameters) {
  auto options = std::make_shared<Options>();
  parameters.optional("LAYER_DIR",
                      "the layer's directory; without it, only the image that --image names is "
                      "removed",
                      options->layer, Completes::kDirectories);
  image_option(parameters, options->paths);
  wait_option(parameters, options->wait_seconds);
  return [options](Console& console) { return run(*options, console); };
}

constexpr std::array<Example, 2> kExamples = {{
    {"cim layer destroy store/7", "remove store/cim-layers/7.cim, its region files, and store/7"},
    {"cim layer destroy --image snapshots/cim-layers/7.cim",
     "remove an image whose layer directory no longer exists"},
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
