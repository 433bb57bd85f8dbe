// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "cimlib/extract.h"

#include <array>
#include <memory>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "cimlib/host_path.h"
#include "cimlib/image.h"

#include "cli/image_reading.h"
#include "cli/json_output.h"
#include "cli/progress_bar.h"
#include "cli/text_output.h"
#include "cli/verb.h"

namespace cim::cli {
namespace extract_verb {
namespace {

struct Options {
  std::string image;
  std::vector<std::string> paths;
  std::string destination;
  bool keeps_going = false;
  bool metadata = false;
  std::vector<std::string> regions;
};

// A single path is extracted as the destination; several ones, and the matches of a pattern, keep
// their paths below it.
ExtractSummary perform(const Options& options, Failures& failures, Console& console) {
  const Image image = open_image(options.image, options.regions);
  const Selection selection = select(image, options.paths, failures);
  ExtractOptions how;
  how.metadata = options.metadata;
  if (options.keeps_going) {
    how.verifies = true;
    how.failure = [&](const std::string& path, const Error& error) { failures.add(path, error); };
  }
  if (selection.paths.empty()) {
    return {};  // none of the paths exists
  }
  how.paths = selection.is_list ? selection.paths : std::vector<ImagePath>();
  ProgressBar bar(console, "extracting");
  how.progress = bar.sink();
  how.warning = [&](const std::string& text) { console.warn(text); };
  how.stop = console.stop_on_interruption();
  return extract(image, selection.is_list ? ImagePath() : selection.paths.front(),
                 host_path(options.destination), how);
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
  Failures failures(console, options.keeps_going);
  const ExtractSummary summary = perform(options, failures, console);
  report(options, summary, console);
  if (summary.copied_links > 0) {
    console.warn(fmt::format("{}: {}, because no more hard links to the file can be created here",
                             options.destination,
                             counted(summary.copied_links, "name is a copy", "names are copies")));
  }
  const int status = failures.finish();
  if (summary.skipped > 0) {
    console.error(fmt::format("{}: {} skipped", options.destination,
                              counted(summary.skipped, "entry was", "entries were")));
    return kFailure;
  }
  return status;
}

Action prepare(Parameters& parameters) {
  auto options = std::make_shared<Options>();
  parameters.required("IMAGE", "the image file", options->image, Completes::kImages);
  parameters.repeated("PATH",
                      "a directory or file to extract, or a pattern (default: the whole image)",
                      options->paths);
  parameters.required("DEST", "the directory to extract into; created if it does not exist",
                      options->destination, Completes::kDirectories);
  parameters.flag("-m,--metadata",
                  "keep all metadata in extended attributes, for 'cim create --metadata'",
                  options->metadata);
  keep_going_option(parameters, options->keeps_going);
  regions_option(parameters, options->regions);
  return [options](Console& console) { return run(*options, console); };
}

constexpr std::array<Example, 4> kExamples = {{
    {"cim extract layers/7.cim out", "extract all files of an image into the directory out"},
    {"cim extract layers/7.cim Files/Windows/Fonts fonts", "extract the contents of one directory"},
    {"cim extract layers/7.cim 'Files/**/*.evtx' Files/Windows/Logs out",
     "extract what matches a pattern, and a directory"},
    {"cim extract --keep-going --regions /mnt/disk damaged.cim out",
     "extract what can be read of a damaged image"},
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
        "If PATH is not the path of a file and has one of the characters *?[, it is a pattern for "
        "whole paths, as in 'cim find'. Several paths, and what matches a pattern, keep their "
        "paths "
        "below DEST.\n\n"
        "Data, hard links, times of last write and access, symbolic links and junctions are "
        "preserved. Links to drive C point to the directory that represents it, which is Files in "
        "a layer, and never above it. The stream STREAM of the file NAME is written to the file "
        "NAME:STREAM next to it. What cannot be read, or cannot be written on this system, such "
        "as a name that is too long, is skipped with a warning, and the exit status is 1.\n\n"
        "With --metadata, security descriptors, attributes, all four times, extended attributes "
        "and reparse data are kept as well: in the system.ntfs_* attributes of ntfs-3g, elsewhere "
        "in user.cim.* attributes, with plain files and directories in place of links. What the "
        "file system cannot store, such as large values in ext4, is skipped with a warning.\n\n"
        "On Windows, everything that NTFS has is written: security descriptors, attributes, all "
        "four times, streams, extended attributes, reparse data, hard links and holes. Links keep "
        "their targets, but nothing is written through them. Owners and audit entries need an "
        "administrator; without them the exit status is 1.",
    .examples = extract_verb::kExamples,
    .json = JsonOutput::kSupported,
    .prepare = extract_verb::prepare,
};

}  // namespace cim::cli
