// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "cimlib/report.h"

#include <array>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "cimlib/host_path.h"

#include "cli/image_reading.h"
#include "cli/json_output.h"
#include "cli/progress_bar.h"
#include "cli/text_output.h"
#include "cli/verb.h"

namespace cim::cli {
namespace report_verb {
namespace {

struct Options {
  std::string source;
  std::optional<std::string> page;
  std::vector<std::string> regions;
};

ReportSummary perform(const Options& options, Console& console) {
  if (!options.page) {
    throw UsageError{"-o FILE is needed"};
  }
  ProgressBar bar(console, "reading");
  ReportOptions how;
  how.progress = bar.sink();
  how.warning = [&](const std::string& text) { console.warn(text); };
  how.stop = console.stop_on_interruption();
  how.region_directories = host_paths(options.regions);
  return write_report(host_path(options.source), host_path(*options.page), how);
}

int run(const Options& options, Console& console) {
  const ReportSummary summary = perform(options, console);
  if (console.json()) {
    print_json(console, {{"page", *options.page},
                         {"images", summary.images},
                         {"entries", summary.entries},
                         {"unreadable", summary.unreadable},
                         {"size", summary.bytes}});
  } else {
    console.inform(fmt::format(
        "wrote {} with {} of {} ({})", *options.page, counted(summary.entries, "entry", "entries"),
        counted(summary.images, "image", "images"), readable_size(summary.bytes)));
  }
  if (summary.unreadable > 0) {
    console.error(fmt::format("{}: {} could not be read", options.source,
                              counted(summary.unreadable, "entry", "entries")));
    return kFailure;
  }
  return kSuccess;
}

Action prepare(Parameters& parameters) {
  auto options = std::make_shared<Options>();
  parameters.required("SOURCE", "the image file, or a store or other directory of images",
                      options->source, Completes::kImages);
  parameters.option("-o,--output", "FILE", "the page to write (required)", &options->page,
                    Completes::kFiles);
  regions_option(parameters, options->regions);
  return [options](Console& console) { return run(*options, console); };
}

constexpr std::array<Example, 2> kExamples = {{
    {"cim report layers/7.cim -o 7.html", "describe an image and the images that it is based on"},
    {"cim report store -o store.html", "describe all images of a store"},
}};

}  // namespace
}  // namespace report_verb

constinit const Verb kReportVerb = {
    .name = "report",
    .summary = "write a page that shows what an image costs",
    .description =
        "Writes an HTML page for people about an image and its parents, or about all images of a "
        "store or directory: a map of the files by size, by folder or by layer; what each layer "
        "adds, replaces and hides; the largest files; data that several files share; executables "
        "and why some are not expanded; alternate streams; registry hives; which region files "
        "belong to which image, and which to none; and the findings of a check.\n\n"
        "The page can be filtered, sorted and zoomed with the mouse or the keyboard. It is one "
        "file that needs no network: it contains everything that it shows.\n\n"
        "An existing file is replaced only if it is an HTML page. Entries that cannot be read are "
        "left out with a warning, and the exit status is 1.",
    .examples = report_verb::kExamples,
    .json = JsonOutput::kSupported,
    .prepare = report_verb::prepare,
};

}  // namespace cim::cli
