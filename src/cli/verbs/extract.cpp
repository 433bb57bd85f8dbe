// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "cimlib/extract.h"

#include <array>
#include <memory>
#include <optional>
#include <string>

#include <fmt/format.h>

#include "cimlib/host_path.h"
#include "cimlib/image.h"

#include "cli/json_output.h"
#include "cli/progress_bar.h"
#include "cli/text_output.h"
#include "cli/verb.h"

namespace cim::cli {
namespace extract_verb {
namespace {

struct Options {
  std::string image;
  std::optional<std::string> path;
  std::string destination;
};

ExtractSummary perform(const Options& options, Console& console) {
  const Image image(host_path(options.image));
  const ImagePath from = ImagePath::parse(options.path.value_or(""));
  ProgressBar bar(console, "extracting");
  return extract(image, from, host_path(options.destination),
                 {.progress = bar.sink(),
                  .warning = [&](const std::string& text) { console.warn(text); },
                  .stop = console.stop_on_interruption()});
}

void report(const Options& options, const ExtractSummary& summary, Console& console) {
  if (console.json()) {
    print_json(console, {{"directories", summary.directories},
                         {"files", summary.files},
                         {"hard_links", summary.hard_links},
                         {"copied_links", summary.copied_links},
                         {"symlinks", summary.symlinks},
                         {"streams", summary.streams},
                         {"bytes", summary.bytes},
                         {"skipped", summary.skipped}});
    return;
  }
  console.inform(fmt::format("extracted {}, {}, {}, {}, {} into {}",
                             counted(summary.directories, "directory", "directories"),
                             counted(summary.files, "file", "files"),
                             counted(summary.hard_links + summary.symlinks, "link", "links"),
                             counted(summary.streams, "stream", "streams"),
                             readable_size(summary.bytes), options.destination));
}

// Copying a link loses no data, so it causes only a warning.
int run(const Options& options, Console& console) {
  const ExtractSummary summary = perform(options, console);
  report(options, summary, console);
  if (summary.copied_links > 0) {
    console.warn(fmt::format("{}: {}, because no more hard links to the file can be created here",
                             options.destination,
                             counted(summary.copied_links, "name is a copy", "names are copies")));
  }
  if (summary.skipped > 0) {
    console.error(fmt::format("{}: {} skipped", options.destination,
                              counted(summary.skipped, "entry was", "entries were")));
    return kFailure;
  }
  return kSuccess;
}

Action prepare(Parameters& parameters) {
  auto options = std::make_shared<Options>();
  parameters.required("IMAGE", "the image file", options->image, Completes::kImages);
  parameters.optional("PATH", "the directory or file to extract (default: the whole image)",
                      options->path);
  parameters.required("DEST", "the directory to extract into; created if it does not exist",
                      options->destination, Completes::kDirectories);
  return [options](Console& console) { return run(*options, console); };
}

constexpr std::array<Example, 2> kExamples = {{
    {"cim extract layers/7.cim out", "extract all files of an image into the directory out"},
    {"cim extract layers/7.cim Files/Windows/Fonts fonts", "extract the contents of one directory"},
}};

}  // namespace
}  // namespace extract_verb

constinit const Verb kExtractVerb = {
    .name = "extract",
    .summary = "extract files from an image into a directory",
    .description =
        "Extracts the contents of the directory PATH into the directory DEST, or PATH itself if "
        "it is a file. DEST must be empty or not exist, and nothing outside it is written, "
        "whatever the image contains.\n\n"
        "Data, hard links, times of last write and access, symbolic links and junctions are "
        "preserved. Links to drive C point to the directory that represents it, which is Files in "
        "a layer, and never above it. The stream STREAM of the file NAME is written to the file "
        "NAME:STREAM next to it. What cannot be read, or cannot be written on this system, such "
        "as a name that is too long, is skipped with a warning, and the exit status is 1.\n\n"
        "On Windows, everything that NTFS has is written: security descriptors, attributes, all "
        "four times, streams, extended attributes, reparse data, hard links and holes. Links keep "
        "their targets, but nothing is written through them. Owners and audit entries need an "
        "administrator; without them the exit status is 1.",
    .examples = extract_verb::kExamples,
    .json = JsonOutput::kSupported,
    .prepare = extract_verb::prepare,
};

}  // namespace cim::cli
