// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include <array>
#include <memory>
#include <optional>
#include <string>

#include <fmt/format.h>

#include "cimlib/host_path.h"

#include "cli/image_writing.h"
#include "cli/store_output.h"
#include "cli/text_output.h"
#include "cli/verb.h"

namespace cim::cli {
namespace store_gc_verb {
namespace {

struct Options {
  std::string store;
  bool dry_run = false;
  std::optional<std::uint64_t> wait_seconds;
};

void report_as_json(const Options& options, const store::CollectReport& report, Console& console) {
  Json layers = Json::array();
  for (const auto& directory : report.layers) {
    layers.push_back(directory.string());
  }
  Json files = Json::array();
  for (const GarbageFile& file : report.files) {
    files.push_back({{"file", file.path.string()}, {"size", file.size}});
  }
  Json kept = Json::array();
  for (const store::KeptLayer& layer : report.kept) {
    kept.push_back({{"directory", layer.directory.string()}, {"reason", layer.reason}});
  }
  print_json(console, {{"removed", !options.dry_run},
                       {"bytes", report.size},
                       {"images", report.images},
                       {"layers", std::move(layers)},
                       {"files", std::move(files)},
                       {"kept", std::move(kept)}});
}

void print_list(const store::CollectReport& report, Console& console) {
  const Terminal& terminal = console.output_terminal();
  for (const std::string& digest : report.images) {
    console.print("image {}\n", digest);
  }
  for (const auto& directory : report.layers) {
    console.print("layer {}\n", shown(directory.string(), terminal));
  }
  for (const GarbageFile& file : report.files) {
    console.print("file {}\n", shown(file.path.string(), terminal));
  }
}

int run(const Options& options, Console& console) {
  const store::CollectReport report = store::collect_garbage(
      host_path(options.store),
      {.dry_run = options.dry_run,
       .lock_timeout = {lock_timeout(options.wait_seconds, layer::kImportLockTimeout),
                        console.stop_on_interruption()}});
  if (console.json()) {
    report_as_json(options, report, console);
    return kSuccess;
  }
  if (options.dry_run || console.verbosity() == Verbosity::kVerbose) {
    print_list(report, console);
    console.flush();
  }
  for (const store::KeptLayer& layer : report.kept) {
    console.inform(fmt::format("{}: kept, since {}", layer.directory.string(), layer.reason));
  }
  console.inform(fmt::format(
      "{}: {}, {}, {}, {}{}", options.store, counted(report.images.size(), "image", "images"),
      counted(report.layers.size(), "layer", "layers"),
      counted(report.files.size(), "file", "files"), readable_size(report.size),
      options.dry_run ? ", could be removed" : ", removed"));
  return kSuccess;
}

Action prepare(Parameters& parameters) {
  auto options = std::make_shared<Options>();
  parameters.required("STORE", "the store", options->store, Completes::kDirectories);
  parameters.flag("-n,--dry-run", "list what would be removed without removing it",
                  options->dry_run);
  wait_option(parameters, options->wait_seconds);
  return [options](Console& console) { return run(*options, console); };
}

constexpr std::array<Example, 2> kExamples = {{
    {"cim store gc --dry-run store", "list what no image needs"},
    {"cim store gc store", "remove it"},
}};

}  // namespace
}  // namespace store_gc_verb

constinit const Verb kStoreGcVerb = {
    .name = "store gc",
    .summary = "remove what no image in a store needs",
    .description =
        "Removes images without names, layers that no image needs, and the files that killed "
        "imports left. Layers that were not imported from an image, such as those of cim layer "
        "import, are kept, and so are layers that those are based on or that are mounted.\n\n"
        "Imports into the store that are running are waited for, and new ones wait until this "
        "command is done.",
    .examples = store_gc_verb::kExamples,
    .json = JsonOutput::kSupported,
    .prepare = store_gc_verb::prepare,
};

}  // namespace cim::cli
