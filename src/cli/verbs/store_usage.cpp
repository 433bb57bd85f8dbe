// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include <array>
#include <memory>
#include <string>

#include <fmt/format.h>

#include "cimlib/host_path.h"

#include "cli/store_output.h"
#include "cli/text_output.h"
#include "cli/verb.h"

namespace cim::cli {
namespace store_usage_verb {
namespace {

struct Options {
  std::string store;
};

Json to_json(const store::Usage& usage) {
  Json images = Json::array();
  for (const store::Image& image : usage.images) {
    images.push_back(image_json(image));
  }
  return {{"images", std::move(images)},    {"shared_size", usage.shared_size},
          {"own_size", usage.own_size},     {"unused_size", usage.unused_size},
          {"other_size", usage.other_size}, {"total_size", usage.total()}};
}

void print(const store::Usage& usage, Console& console) {
  const auto line = [&console](std::uint64_t shared, std::uint64_t own, const std::string& what) {
    console.print("{:>10}  {:>10}  {}\n", readable_size(shared), readable_size(own),
                  shown(what, console.output_terminal()));
  };
  console.print("{:>10}  {:>10}  {}\n", "SHARED", "OWN", "IMAGE");
  for (const store::Image& image : usage.images) {
    line(image.shared_size, image.own_size,
         image.names.empty() ? short_digest(image.digest) : image.names.front());
  }
  line(usage.shared_size, usage.own_size, "all images, each layer counted once");
  const auto total = [&console](std::uint64_t size, const char* what) {
    console.print("{:>10}  {}\n", readable_size(size), what);
  };
  total(usage.unused_size, "layers that no image needs");
  total(usage.other_size, "layers that were not imported from an image");
  total(usage.total(), "total");
}

int run(const Options& options, Console& console) {
  const store::Usage usage = store::usage(host_path(options.store));
  if (console.json()) {
    print_json(console, to_json(usage));
  } else {
    print(usage, console);
  }
  return kSuccess;
}

Action prepare(Parameters& parameters) {
  auto options = std::make_shared<Options>();
  parameters.required("STORE", "the store", options->store, Completes::kDirectories);
  return [options](Console& console) { return run(*options, console); };
}

constexpr std::array<Example, 1> kExamples = {{
    {"cim store usage store", "show what each image of a store costs"},
}};

}  // namespace
}  // namespace store_usage_verb

constinit const Verb kStoreUsageVerb = {
    .name = "store usage",
    .summary = "show the disk usage of a store",
    .description =
        "Shows the bytes of the layers of each image: those that it shares with other images and "
        "those of its own, which removing it would free. The lines at the end count each layer "
        "once. Files are counted by their length.",
    .examples = store_usage_verb::kExamples,
    .json = JsonOutput::kSupported,
    .prepare = store_usage_verb::prepare,
};

}  // namespace cim::cli
