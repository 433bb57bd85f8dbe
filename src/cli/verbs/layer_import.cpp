// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include <algorithm>
#include <array>
#include <filesystem>
#include <iterator>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "cimlib/bcd.h"
#include "cimlib/byte_streams.h"
#include "cimlib/error.h"
#include "cimlib/guid.h"
#include "cimlib/host_path.h"
#include "cimlib/layer.h"
#include "cimlib/layer_chain.h"

#include "cli/image_writing.h"
#include "cli/json_output.h"
#include "cli/progress_bar.h"
#include "cli/verb.h"

namespace cim::cli {
namespace layer_import_verb {
namespace {

struct Options {
  std::string tar;
  std::string layer;
  LayerPathOptions paths;
  std::optional<std::string> chain;
  bool writes_chain = false;
  std::optional<std::string> boot_disk;
  bool accepts_unverified = false;
  std::optional<std::string> made_times;
  WritingOptions writing;
  ImportLimitOptions limits;
};

Guid parse_guid(std::string_view text) {
  const auto guid = Guid::parse(text);
  if (!guid) {
    throw UsageError{fmt::format("--cim-boot: '{}' is not a GUID", text)};
  }
  return *guid;
}

// Parses "DISK,PARTITION"; nullopt if the utility VM is to be left as it is.
std::optional<bcd::CimBootOptions> cim_boot(const Options& options) {
  if (!options.boot_disk) {
    return std::nullopt;
  }
  const std::string_view text = *options.boot_disk;
  const std::size_t comma = text.find(',');
  if (comma == text.npos) {
    throw UsageError{"--cim-boot requires two GUIDs separated by a comma"};
  }
  bcd::CimBootOptions boot;
  boot.scratch = {.disk = parse_guid(text.substr(0, comma)),
                  .partition = parse_guid(text.substr(comma + 1))};
  boot.unverified =
      options.accepts_unverified ? bcd::Unverified::kAccept : bcd::Unverified::kRefuse;
  return boot;
}

std::vector<layer::LayerPaths> parents_of(const Options& options) {
  if (!options.chain) {
    return parent_paths(options.paths);
  }
  if (!options.paths.parents.empty()) {
    throw UsageError{"--parent and --parents-from cannot be used together"};
  }
  const auto chain = layer::read_layer_chain(host_path(*options.chain));
  if (!chain) {
    throw Error(ErrorCode::kNotFound, *options.chain, "has no file layerchain.json");
  }
  return parent_paths(*chain, options.paths);
}

void write_chain(const layer::LayerPaths& layer, const std::vector<layer::LayerPaths>& parents,
                 const LockTimeout& lock_timeout) {
  std::vector<std::filesystem::path> directories;
  std::ranges::transform(parents, std::back_inserter(directories), &layer::LayerPaths::layer);
  layer::write_layer_chain(layer, directories, lock_timeout);
}

layer::ImportResult perform(const Options& options, Console& console) {
  ProgressBar bar(console, "importing");
  layer::ImportOptions how;
  apply(options.writing, layer::kImportLockTimeout, how.writer);
  apply(options.limits, how.limits);
  how.utility_vm.cim_boot = cim_boot(options);
  how.made_times = made_times(options.made_times);
  how.computes_diff_id = console.json();
  how.progress = bar.sink();
  how.warning = [&](const std::string& text) { console.warn(text); };
  how.stop = console.stop_on_interruption();
  const layer::LayerPaths layer = layer_paths(options.layer, options.paths);
  const std::vector<layer::LayerPaths> parents = parents_of(options);
  layer::ImportResult result = layer::import_tar(tar_input(options.tar), layer, parents, how);
  if (options.writes_chain) {
    write_chain(layer, parents, {how.writer.lock_timeout.time, how.stop});
  }
  return result;
}

Json utility_vm_json(const layer::UtilityVmReport& report) {
  Json unverified = Json::array();
  if (report.boot_store) {
    for (const bcd::OpenQuestion& fact : report.boot_store->unverified) {
      unverified.push_back({{"id", fact.id}, {"text", fact.text}});
    }
  }
  return {{"build", report.build},
          {"cim_boot", layer::to_string(report.cim_boot)},
          {"unverified", std::move(unverified)}};
}

// Lists what could not be done, and every unverified setting that was written.
void warn_of_boot(const layer::UtilityVmReport& report, Console& console) {
  if (report.cim_boot == layer::CimBootState::kTooOld) {
    console.warn(fmt::format(
        "the utility VM has build {}, which cannot boot from an image; it is not changed",
        report.build));
  }
  if (report.boot_store) {
    for (const std::string& warning : report.boot_store->warnings) {
      console.warn(warning);
    }
    for (const bcd::OpenQuestion& fact : report.boot_store->unverified) {
      console.warn(fmt::format("not verified: {}: {}", fact.id, fact.text));
    }
  }
}

void report(const Options& options, const layer::ImportResult& result, Console& console) {
  const std::string image = layer_paths(options.layer, options.paths).image_path().string();
  if (console.json()) {
    Json json = {{"image", image}};
    put_import(json, result);
    json["utility_vm"] = result.utility_vm ? utility_vm_json(*result.utility_vm) : Json();
    print_json(console, json);
    return;
  }
  console.inform(fmt::format("imported {} into {} ({})", content_text(result), image,
                             storage_text(result.image)));
}

int run(const Options& options, Console& console) {
  const layer::ImportResult result = perform(options, console);
  if (result.utility_vm) {
    warn_of_boot(*result.utility_vm, console);
  }
  report(options, result, console);
  return kSuccess;
}

Action prepare(Parameters& parameters) {
  auto options = std::make_shared<Options>();
  parameters.required("TAR", "the layer's tar; - reads from standard input", options->tar,
                      Completes::kFiles);
  parameters.required("LAYER_DIR", "the layer's directory; created if it does not exist",
                      options->layer, Completes::kDirectories);
  parameters.option(
      "-p,--parent", "DIR",
      "the directory of a parent layer; may be given more than once, immediate parent first",
      &options->paths.parents, Completes::kDirectories);
  parameters.option("--parents-from", "DIR",
                    "take the parents from the file layerchain.json in this directory",
                    &options->chain, Completes::kDirectories);
  image_option(parameters, options->paths);
  parent_image_option(parameters, options->paths);
  parameters.flag("--write-chain",
                  "list the parents in a file layerchain.json in the layer's directory, as "
                  "container engines do",
                  options->writes_chain);
  writing_options(parameters, options->writing);
  made_times_option(parameters, options->made_times);
  import_limit_options(parameters, options->limits);
  parameters.option("--cim-boot", "DISK,PARTITION",
                    "make the utility VM boot from the image, with the GUIDs of the scratch disk "
                    "and its partition",
                    &options->boot_disk);
  parameters.flag("--accept-unverified",
                  "let --cim-boot write settings that no public source confirms, and list them",
                  options->accepts_unverified);
  return [options](Console& console) { return run(*options, console); };
}

constexpr std::array<Example, 4> kExamples = {{
    {"cim layer import base.tar.gz store/base",
     "import a base layer; its image is store/cim-layers/base.cim"},
    {"cim layer import app.tar store/app --parent store/update --parent store/base",
     "import a layer on top of two others"},
    {"cim layer import base.tar snapshots/1 --image snapshots/cim-layers/1.cim",
     "import a layer to explicit paths, as the snapshotter of containerd names them"},
    {"curl -s URL | cim layer import - store/base", "import a layer while downloading it"},
}};

}  // namespace
}  // namespace layer_import_verb

constinit const Verb kLayerImportVerb = {
    .name = "layer import",
    .summary = "import a layer from a tar",
    .description =
        "Reads an OCI Windows layer (a tar, uncompressed or compressed with gzip or zstd) and "
        "writes it as an image to the directory cim-layers next to the layer's directory, or to "
        "the "
        "path that --image gives. If the "
        "input is invalid, the import is interrupted or the disk is full, no files are left. Any "
        "number of layers can be imported into one store at the same time; an import waits "
        "while files in the store are being removed, for up to ten minutes or as long as --wait "
        "allows.\n\n"
        "A layer with parents contains everything in them, modified by its tar, but stores only "
        "the differences and needs the parents' images. Registry hives are also written to the "
        "layer's directory: those of a base layer as they are, and those of any other layer "
        "merged from the parents' hives and the deltas in the tar. If another file has the path of "
        "a hive, the import fails and keeps it.\n\n"
        "Executables are stored in their memory-mapped layout unless --plain-executables is "
        "given; they read the same either way.",
    .examples = layer_import_verb::kExamples,
    .json = JsonOutput::kSupported,
    .prepare = layer_import_verb::prepare,
};

}  // namespace cim::cli
