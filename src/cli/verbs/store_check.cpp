// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include <array>
#include <memory>
#include <string>

#include <fmt/format.h>

#include "cimlib/host_path.h"

#include "cli/progress_bar.h"
#include "cli/store_output.h"
#include "cli/text_output.h"
#include "cli/verb.h"

namespace cim::cli {
namespace store_check_verb {
namespace {

struct Options {
  std::string store;
  bool deep = false;
};

store::CheckReport perform(const Options& options, Console& console) {
  ProgressBar bar(console, "checking");
  return store::check(
      host_path(options.store),
      {.deep = options.deep, .progress = bar.sink(), .stop = console.stop_on_interruption()});
}

int run(const Options& options, Console& console) {
  const store::CheckReport report = perform(options, console);
  const int status = report.faults.empty() ? kSuccess : kFound;
  if (console.json()) {
    Json faults = Json::array();
    for (const store::Fault& fault : report.faults) {
      faults.push_back({{"file", fault.file.string()}, {"text", fault.text}});
    }
    print_json(console, {{"store", options.store},
                         {"deep", options.deep},
                         {"clean", report.faults.empty()},
                         {"names", report.names},
                         {"images", report.images},
                         {"layers", report.layers},
                         {"faults", std::move(faults)}});
    return status;
  }
  for (const store::Fault& fault : report.faults) {
    console.print("{}\n", shown(fmt::format("{}: {}", fault.file.string(), fault.text),
                                console.output_terminal()));
  }
  console.flush();  // the faults precede the verdict
  console.inform(fmt::format(
      "{}: {}: {}, {}, {}", options.store,
      report.faults.empty() ? "clean" : counted(report.faults.size(), "fault", "faults"),
      counted(report.names, "name", "names"), counted(report.images, "image", "images"),
      counted(report.layers, "layer", "layers")));
  return status;
}

Action prepare(Parameters& parameters) {
  auto options = std::make_shared<Options>();
  parameters.required("STORE", "the store", options->store, Completes::kDirectories);
  parameters.flag("--deep", "also check the image of every layer, as cim check --deep does",
                  options->deep);
  return [options](Console& console) { return run(*options, console); };
}

constexpr std::array<Example, 2> kExamples = {{
    {"cim store check store", "check the records of a store"},
    {"cim store check --deep store", "check all data of its layers too"},
}};

}  // namespace
}  // namespace store_check_verb

constinit const Verb kStoreCheckVerb = {
    .name = "store check",
    .summary = "check the records and layers of a store",
    .description =
        "Checks that the records of names, images and layers can be read and agree with each "
        "other, that manifests and configurations have the digests that they are stored under, and "
        "that the files of all layers that images need exist. With --deep, the images of these "
        "layers are checked completely.",
    .examples = store_check_verb::kExamples,
    .json = JsonOutput::kSupported,
    .status = StatusMeaning::kFindings,
    .prepare = store_check_verb::prepare,
};

}  // namespace cim::cli
