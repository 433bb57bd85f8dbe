// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include <algorithm>
#include <array>
#include <memory>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "cimlib/host_path.h"

#include "cli/store_output.h"
#include "cli/text_output.h"
#include "cli/verb.h"

namespace cim::cli {
namespace store_ls_verb {
namespace {

struct Options {
  std::string store;
  bool all = false;
};

// An image has a line for each of its names.
void print(const store::Image& image, Console& console) {
  std::vector<std::string> names = image.names;
  if (names.empty()) {
    names = {"<none>"};
  }
  for (const std::string& name : names) {
    console.print("{:<12}  {:<28}  {:>3}  {:>10}  {:>10}  {}\n", short_digest(image.digest),
                  shown(image.platform.to_string(), console.output_terminal()), image.layers.size(),
                  readable_size(image.shared_size), readable_size(image.own_size),
                  shown(name, console.output_terminal()));
  }
}

int run(const Options& options, Console& console) {
  std::vector<store::Image> images = store::images(host_path(options.store));
  if (!options.all) {
    std::erase_if(images, [](const store::Image& image) { return !image.is_kept(); });
  }
  if (console.json()) {
    JsonList list(console);
    for (const store::Image& image : images) {
      list.add(image_json(image));
    }
    list.end();
    return kSuccess;
  }
  if (!images.empty() && console.output_terminal().is_terminal) {
    console.print("{:<12}  {:<28}  {:>3}  {:>10}  {:>10}  {}\n", "DIGEST", "PLATFORM", "LAY",
                  "SHARED", "OWN", "NAME");
  }
  for (const store::Image& image : images) {
    print(image, console);
  }
  return kSuccess;
}

Action prepare(Parameters& parameters) {
  auto options = std::make_shared<Options>();
  parameters.required("STORE", "the store", options->store, Completes::kDirectories);
  parameters.flag("-a,--all", "also list images without names, which cim store gc removes",
                  options->all);
  return [options](Console& console) { return run(*options, console); };
}

constexpr std::array<Example, 2> kExamples = {{
    {"cim store ls store", "list the images of a store"},
    {"cim store ls --all --json store", "also list images without names, as JSON"},
}};

}  // namespace
}  // namespace store_ls_verb

constinit const Verb kStoreLsVerb = {
    .name = "store ls",
    .summary = "list the images of a store",
    .description =
        "Lists the images that cim oci import put into a store, one line per name: the first "
        "digits of the digest of the image's manifest, the platform, the number of layers, the "
        "bytes of layers that other images have too, the bytes of its other layers, and the name. "
        "An image that was imported without a name is listed as <none>.",
    .examples = store_ls_verb::kExamples,
    .json = JsonOutput::kSupported,
    .prepare = store_ls_verb::prepare,
};

}  // namespace cim::cli
