// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "cimlib/layer_export.h"

#include <array>
#include <memory>
#include <optional>
#include <string>

#include <fmt/format.h>

#include "cimlib/host_path.h"

#include "cli/image_writing.h"
#include "cli/json_output.h"
#include "cli/progress_bar.h"
#include "cli/tar_output.h"
#include "cli/text_output.h"
#include "cli/verb.h"

namespace cim::cli {
namespace layer_export_verb {
namespace {

struct Options {
  std::string layer;
  std::string tar;
  LayerPathOptions paths;
  bool flattens = false;
  std::optional<std::string> compression;
  bool digests = false;
};

void check(const Options& options, const Console& console) {
  if (options.flattens && !options.paths.parents.empty()) {
    throw UsageError{"--parent and --flatten cannot be used together"};
  }
  check_tar_output(options.tar, console);
}

layer::ExportResult perform(const Options& options, Console& console) {
  ProgressBar bar(console, "exporting");
  layer::ExportOptions how;
  how.content = options.flattens ? layer::ExportContent::kFlattened : layer::ExportContent::kLayer;
  how.parents = parent_paths(options.paths);
  how.compression = compression_of(options.compression, options.tar);
  how.digests = options.digests;
  how.replaces_existing = true;
  how.progress = bar.sink();
  how.warning = [&](const std::string& text) { console.warn(text); };
  how.stop = console.stop_on_interruption();
  const layer::LayerPaths layer = layer_paths(options.layer, options.paths);
  if (options.tar == kStandardTar) {
    return layer::export_tar(
        layer, [&](std::span<const std::byte> bytes) { console.write(bytes); }, how);
  }
  return layer::export_tar(layer, host_path(options.tar), how);
}

void report_as_json(const layer::ExportResult& result, Console& console) {
  Json json = {{"entries", result.entries},     {"whiteouts", result.whiteouts},
               {"size", result.size},           {"tar_size", result.tar_size},
               {"file_size", result.file_size}, {"parent", nullptr}};
  if (result.parent) {
    json["parent"] = result.parent->string();
  }
  if (!result.diff_id.empty()) {
    json["diff_id"] = result.diff_id;
    json["digest"] = result.digest;
  }
  print_json(console, json);
}

void report(const Options& options, const layer::ExportResult& result, Console& console) {
  if (console.json()) {
    return report_as_json(result, console);
  }
  console.inform(fmt::format(
      "exported {} with {} into {} ({}{})", counted(result.entries, "entry", "entries"),
      readable_size(result.size), options.tar == kStandardTar ? "standard output" : options.tar,
      readable_size(result.file_size),
      result.parent ? ", without what is in " + result.parent->string() : ""));
  if (options.digests) {
    console.inform("diff id " + result.diff_id);
    console.inform("digest " + result.digest);
  }
}

int run(const Options& options, Console& console) {
  check(options, console);
  report(options, perform(options, console), console);
  return kSuccess;
}

Action prepare(Parameters& parameters) {
  auto options = std::make_shared<Options>();
  parameters.required("LAYER_DIR", "the layer's directory", options->layer,
                      Completes::kDirectories);
  parameters.required(
      "TAR",
      "the tar to write; a file of that name is replaced once the new one is complete; - writes "
      "to standard output",
      options->tar, Completes::kFiles);
  parameters.option("-p,--parent", "LAYER_DIR",
                    "export the differences from this layer instead of the layer below; if given "
                    "more than once, the first one is used",
                    &options->paths.parents, Completes::kDirectories);
  image_option(parameters, options->paths);
  parent_image_option(parameters, options->paths);
  parameters.flag("--flatten", "export the layer and all layers below it as one base layer",
                  options->flattens);
  compression_option(parameters, options->compression);
  parameters.flag("--digest", "also print the digests of the tar, uncompressed and compressed",
                  options->digests);
  return [options](Console& console) { return run(*options, console); };
}

constexpr std::array<Example, 4> kExamples = {{
    {"cim layer export store/8 8.tar.gz", "export the changes of layer 8 to the layer below it"},
    {"cim layer export store/8 8.tar --parent store/5", "export its changes to layer 5"},
    {"cim layer export --flatten store/8 all.tar.zst",
     "export layer 8 and all layers below it as one base layer"},
    {"cim layer export store/8 - | tar -t", "list the contents of the tar"},
}};

}  // namespace
}  // namespace layer_export_verb

constinit const Verb kLayerExportVerb = {
    .name = "layer export",
    .summary = "export a layer as a tar",
    .description =
        "Writes a layer as an OCI Windows layer, which any container engine can import: the "
        "complete contents of a base layer, or the differences between any other layer and the "
        "layer below it, with whiteouts for deleted files. Importing the tar on top of the same "
        "layer recreates the same image.\n\n"
        "The layer below is found in the directory of the layer's image. With --flatten, the tar "
        "contains all layers "
        "merged into one, with their registry hives merged too.\n\n"
        "The same layers always produce the same bytes. Reparse points and extended attributes "
        "that the OCI format cannot express are stored in records that only cimlib reads; a "
        "warning names each of them.",
    .examples = layer_export_verb::kExamples,
    .json = JsonOutput::kSupported,
    .prepare = layer_export_verb::prepare,
};

}  // namespace cim::cli
