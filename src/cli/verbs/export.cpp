// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include <array>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "cimlib/host_path.h"
#include "cimlib/image_tar.h"

#include "cli/image_reading.h"
#include "cli/json_output.h"
#include "cli/progress_bar.h"
#include "cli/tar_output.h"
#include "cli/text_output.h"
#include "cli/verb.h"

namespace cim::cli {
namespace export_verb {
namespace {

struct Options {
  std::string image;
  std::string tar;
  std::optional<std::string> compression;
  bool keeps_going = false;
  std::vector<std::string> regions;
};

ImageExportResult perform(const Options& options, Failures& failures, Console& console) {
  const Image image = open_image(options.image, options.regions);
  ProgressBar bar(console, "exporting");
  ImageExportOptions how;
  how.compression = compression_of(options.compression, options.tar);
  how.replaces_existing = true;
  how.progress = bar.sink();
  how.warning = [&](const std::string& text) { console.warn(text); };
  how.stop = console.stop_on_interruption();
  if (options.keeps_going) {
    how.failure = [&](const std::string& path, const Error& error) { failures.add(path, error); };
  }
  if (options.tar == kStandardTar) {
    return export_image(
        image, [&](std::span<const std::byte> bytes) { console.write(bytes); }, how);
  }
  return export_image(image, host_path(options.tar), how);
}

int run(const Options& options, Console& console) {
  check_tar_output(options.tar, console);
  Failures failures(console, options.keeps_going);
  const ImageExportResult result = perform(options, failures, console);
  if (console.json()) {
    print_json(console, {{"entries", result.entries},
                         {"size", result.size},
                         {"tar_size", result.tar_size},
                         {"file_size", result.file_size}});
  } else {
    console.inform(fmt::format(
        "exported {} with {} into {} ({})", counted(result.entries, "entry", "entries"),
        readable_size(result.size), options.tar == kStandardTar ? "standard output" : options.tar,
        readable_size(result.file_size)));
  }
  return failures.finish();
}

Action prepare(Parameters& parameters) {
  auto options = std::make_shared<Options>();
  parameters.required("IMAGE", "the image file", options->image, Completes::kImages);
  parameters.required(
      "TAR",
      "the tar to write; a file of that name is replaced once the new one is complete; - writes "
      "to standard output",
      options->tar, Completes::kFiles);
  compression_option(parameters, options->compression);
  keep_going_option(parameters, options->keeps_going);
  regions_option(parameters, options->regions);
  return [options](Console& console) { return run(*options, console); };
}

constexpr std::array<Example, 3> kExamples = {{
    {"cim export images/tools.cim tools.tar.zst", "export an image"},
    {"cim export images/tools.cim - | ssh host cim create copy.cim -",
     "copy an image to another machine"},
    {"cim export --keep-going damaged.cim rest.tar", "export what can be read"},
}};

}  // namespace
}  // namespace export_verb

constinit const Verb kExportVerb = {
    .name = "export",
    .summary = "export an image as a tar",
    .description =
        "Writes all files of an image with all of their metadata to a tar, from which 'cim create' "
        "creates an equal image. The tar is in the dialect of Windows layers, but may have any "
        "names; the root is the entry './'. To export a layer for container engines, use 'cim "
        "layer export'.\n\n"
        "Equal images produce the same bytes. Reparse points and extended attributes that the "
        "dialect cannot express are stored in records that only cimlib reads; a warning names each "
        "of them. If something cannot be read, the export fails and no file is left, unless "
        "--keep-going is given.",
    .examples = export_verb::kExamples,
    .json = JsonOutput::kSupported,
    .prepare = export_verb::prepare,
};

}  // namespace cim::cli
