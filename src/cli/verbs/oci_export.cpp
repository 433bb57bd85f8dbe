// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include <array>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>

#include <fmt/format.h>

#include "cimlib/host_path.h"
#include "cimlib/layer_writer.h"
#include "cimlib/store_export.h"

#include "cli/image_writing.h"
#include "cli/progress_bar.h"
#include "cli/store_output.h"
#include "cli/text_output.h"
#include "cli/verb.h"

namespace cim::cli {
namespace oci_export_verb {
namespace {

constexpr std::string_view kStandardOutput = "-";

struct Options {
  std::string store;
  std::string image;
  std::string target;
  std::optional<std::string> compression;
  std::optional<std::string> form;
  std::optional<std::string> image_compression;
  std::optional<std::uint64_t> wait_seconds;
};

struct Target {
  oci::ImageForm form = oci::ImageForm::kLayout;
  std::string path;
  std::string name;
};

bool exists(const std::string& path) {
  std::error_code none;  // reported when the target is written
  return std::filesystem::exists(host_path(path), none);
}

// As skopeo does, ends the path at the first colon, unless it leads to something with it. The
// colon of a drive on Windows is part of the path.
Target parse_target(const std::string& text) {
  Target target{.form = parse_image_form(text), .path = without_image_form(text), .name = {}};
  if (target.path != kStandardOutput && !exists(target.path)) {
    constexpr std::size_t kDriveColon = 1;
    std::size_t colon = target.path.find(':');
    if (colon == kDriveColon && target.path.find_first_of("/\\") == kDriveColon + 1) {
      colon = target.path.find(':', colon + 1);
    }
    if (colon != std::string::npos) {
      target.name = target.path.substr(colon + 1);
      target.path.resize(colon);
    }
  }
  return target;
}

layer::Compression compression_of(const Options& options) {
  const std::string name = options.compression.value_or("none");
  return name == "gzip"   ? layer::Compression::kGzip
         : name == "zstd" ? layer::Compression::kZstd
                          : layer::Compression::kNone;
}

// Standard output cannot be used for two things.
void check(const Target& target, const Console& console) {
  if (target.path != kStandardOutput) {
    return;
  }
  if (target.form == oci::ImageForm::kLayout) {
    throw UsageError{"only an archive can be written to standard output"};
  }
  if (console.json()) {
    throw UsageError{
        "the archive and the output of --json cannot both be written to standard output"};
  }
  if (console.output_terminal().is_terminal) {
    throw UsageError{"refusing to write an archive to a terminal"};
  }
}

store::ExportResult perform(const Options& options, const Target& target, Console& console) {
  std::optional<ProgressBar> bar;
  store::ExportTarget to{.form = target.form, .path = host_path(target.path)};
  if (target.path == kStandardOutput) {
    to.stream = [&](std::span<const std::byte> bytes) { console.write(bytes); };
  }
  store::ExportOptions how;
  how.name = target.name;
  how.forms = options.form == "cim" ? store::LayerForms::kTarsAndImages : store::LayerForms::kTars;
  how.compression = compression_of(options);
  if (options.image_compression) {
    how.compresses_images = *options.image_compression == "zstd";
  }
  how.replaces_existing = true;
  how.lock_timeout = lock_timeout(options.wait_seconds, layer::kImportLockTimeout);
  how.step = [&](std::size_t place) {
    bar.reset();
    bar.emplace(console, fmt::format("exporting layer {}", place + 1));
  };
  if (console.shows_status()) {
    how.progress = [&](const Progress& progress) { bar->update(progress); };
  }
  how.warning = [&](const std::string& text) { console.warn(text); };
  how.stop = console.stop_on_interruption();
  return store::export_image(host_path(options.store), options.image, to, how);
}

void report_as_json(const store::ExportResult& result, Console& console) {
  Json layers = Json::array();
  for (const store::ExportedLayer& layer : result.layers) {
    layers.push_back({{"diff_id", layer.diff_id},
                      {"digest", layer.digest},
                      {"tar_size", layer.tar_size},
                      {"size", layer.size},
                      {"diff_id_kept", layer.keeps_diff_id}});
  }
  print_json(console, {{"manifest", result.manifest},
                       {"manifest_kept", result.keeps_manifest},
                       {"configuration", result.configuration},
                       {"configuration_kept", result.keeps_configuration},
                       {"name", result.name},
                       {"layers", std::move(layers)}});
}

// To other programs, an image whose configuration was changed is another image.
void report(const Target& target, const store::ExportResult& result, Console& console) {
  std::uint64_t size = 0;
  for (std::size_t i = 0; i < result.layers.size(); ++i) {
    const store::ExportedLayer& layer = result.layers[i];
    size += layer.size;
    if (!layer.keeps_diff_id) {
      console.inform(
          fmt::format("layer {}: is another tar than was imported; its diff ID is now {}", i + 1,
                      layer.diff_id));
    }
  }
  console.inform(fmt::format(
      "exported {} ({}) into {}{}; {}", counted(result.layers.size(), "layer", "layers"),
      readable_size(size), target.path == kStandardOutput ? "standard output" : target.path,
      result.name.empty() ? "" : " as " + result.name,
      result.keeps_manifest        ? "the manifest is unchanged"
      : result.keeps_configuration ? "the configuration is unchanged"
                                   : "the configuration was adapted to the new diff IDs"));
}

int run(const Options& options, Console& console) {
  const Target target = parse_target(options.target);
  check(target, console);
  const store::ExportResult result = perform(options, target, console);
  if (console.json()) {
    report_as_json(result, console);
  } else {
    report(target, result, console);
  }
  return kSuccess;
}

Action prepare(Parameters& parameters) {
  auto options = std::make_shared<Options>();
  parameters.required("STORE", "the store", options->store, Completes::kDirectories);
  parameters.required("IMAGE", "a name, a digest, or at least four first digits of one",
                      options->image);
  parameters.required("[FORM:]PATH[:NAME]", "the layout or archive, and the name in it",
                      options->target, Completes::kFiles);
  parameters.option("--as", "FORM",
                    "the form of the layers: tars (layers, the default), or also CIM artifacts "
                    "(cim)",
                    &options->form, Completes::kNothing, {"layers", "cim"});
  parameters.option("--compression", "NAME", "compress the layers: none (the default), gzip, zstd",
                    &options->compression, Completes::kNothing, {"none", "gzip", "zstd"});
  parameters.option("--cim-compression", "METHOD",
                    "compress the files of CIM artifacts: zstd (the default if the build has it), "
                    "or none, which is faster to pull in a fast network",
                    &options->image_compression, Completes::kNothing, {"none", "zstd"});
  wait_option(parameters, options->wait_seconds);
  return [options](Console& console) { return run(*options, console); };
}

constexpr std::array<Example, 4> kExamples = {{
    {"cim oci export store ltsc2022 oci:layout:latest", "write an image to an OCI image layout"},
    {"cim oci export --compression gzip store ltsc2022 oci-archive:image.tar",
     "write an archive that skopeo and podman read"},
    {"cim oci export store example.org/app:1 docker-archive:- | docker load",
     "give an image to another program"},
    {"skopeo copy oci:layout:latest docker://REGISTRY/IMAGE", "upload an exported image"},
}};

}  // namespace
}  // namespace oci_export_verb

constinit const Verb kOciExportVerb = {
    .name = "oci export",
    .summary = "export an image of a store as an OCI image layout or an archive",
    .description =
        "Writes an image with all of its layers. FORM is oci for a directory in the OCI image "
        "layout (the default), oci-archive for a tar of one, or docker-archive for a tar that "
        "docker load reads. An archive can be written to standard output (-). NAME is the name of "
        "the image in the target; without it, the image keeps the name that it was found by. "
        "Other images of a layout are kept; an existing archive is replaced.\n\n"
        "The tar of a layer is made again, byte for byte, from the record that cim oci import "
        "kept of it; then the configuration is unchanged, and so is the digest that identifies "
        "the image to container engines. The manifest is unchanged too if the layers were not "
        "compressed. A layer that was imported with --no-keep-tar may get another diff ID, to "
        "which the configuration is adapted; the output and the member diff_id_kept say so.\n\n"
        "With --as=cim a layout also gets an artifact for each layer: the files of the layer's "
        "image, from which 'cim oci import --prefer=cim' makes the layer without unpacking its "
        "tar. They are listed in an index named sha256-DIGITS, after the digest of the manifest, "
        "which other tools can copy to the tag of that name.",
    .examples = oci_export_verb::kExamples,
    .json = JsonOutput::kSupported,
    .prepare = oci_export_verb::prepare,
};

}  // namespace cim::cli
