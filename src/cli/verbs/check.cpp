// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "cimlib/check.h"

#include <array>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include <fmt/format.h>

#include "cimlib/app_package.h"
#include "cimlib/host_path.h"
#include "cimlib/image.h"

#include "cli/image_reading.h"
#include "cli/json_output.h"
#include "cli/progress_bar.h"
#include "cli/text_output.h"
#include "cli/verb.h"

namespace cim::cli {
namespace check_verb {
namespace {

struct Options {
  std::string image;
  bool deep = false;
  bool packages = false;
  std::vector<std::string> regions;
};

CheckReport perform(const Options& options, Console& console) {
  ProgressBar bar(console, "checking");
  return check(host_path(options.image),
               {.depth = options.deep ? CheckDepth::kDeep : CheckDepth::kStructure,
                .progress = bar.sink(),
                .stop = console.stop_on_interruption(),
                .region_directories = host_paths(options.regions)});
}

Json to_json(const Finding& finding) {
  Json json = {{"severity", to_string(finding.severity)},
               {"kind", finding.kind->id},
               {"file", finding.file.string()}};
  if (finding.offset) {
    json["offset"] = *finding.offset;
  }
  if (finding.id != 0) {
    json["id"] = finding.id;
  }
  if (!finding.path.empty()) {
    json["path"] = finding.path;
  }
  if (!finding.stream.empty()) {
    json["stream"] = finding.stream;
  }
  json["text"] = finding.text;
  return json;
}

Json to_json(const Options& options, const CheckReport& report) {
  Json findings = Json::array();
  for (const Finding& finding : report.findings) {
    findings.push_back(to_json(finding));
  }
  return {{"image", options.image},
          {"deep", options.deep},
          {"clean", report.is_clean()},
          {"faults", report.faults},
          {"warnings", report.warnings},
          {"notes", report.notes},
          {"directories", report.directories},
          {"files", report.files},
          {"hard_linked_files", report.hard_linked_files},
          {"names", report.names},
          {"streams", report.streams},
          {"verified_objects", report.verified_objects},
          {"verified_bytes", report.verified_bytes},
          {"unverified_objects", report.unverified_objects},
          {"unverified_bytes", report.unverified_bytes},
          {"findings", std::move(findings)}};
}

// Notes are omitted by --quiet, since an image with notes only is clean.
void print_findings(const CheckReport& report, Console& console) {
  for (const Finding& finding : report.findings) {
    const bool is_note = finding.kind->severity == Severity::kNote;
    if (!is_note || console.verbosity() != Verbosity::kQuiet) {
      console.print("{}\n", shown(to_string(finding), console.output_terminal()));
    }
  }
  const std::uint64_t all = report.faults + report.warnings + report.notes;
  if (all > report.findings.size()) {
    console.print("and {} more\n", grouped(all - report.findings.size()));
  }
}

// "clean", or the number of faults and warnings.
std::string verdict(const CheckReport& report) {
  if (report.is_clean()) {
    return "clean";
  }
  return counted(report.faults, "fault", "faults") + ", " +
         counted(report.warnings, "warning", "warnings");
}

appx::PackageCheckReport check_packages(const Options& options, Console& console) {
  ProgressBar bar(console, "checking packages");
  return appx::check_packages(open_image(options.image, options.regions),
                              {.progress = bar.sink(), .stop = console.stop_on_interruption()});
}

Json to_json(const appx::PackageCheckReport& report) {
  Json findings = Json::array();
  for (const appx::PackageFinding& finding : report.findings) {
    findings.push_back(
        {{"package", finding.package}, {"path", finding.path}, {"text", finding.text}});
  }
  return {{"clean", report.faults == 0}, {"faults", report.faults},
          {"packages", report.packages}, {"files", report.files},
          {"bytes", report.bytes},       {"findings", std::move(findings)}};
}

void print_packages(const Options& options, const appx::PackageCheckReport& report,
                    Console& console) {
  for (const appx::PackageFinding& finding : report.findings) {
    const std::string line =
        finding.path.empty() ? finding.text : finding.path + ": " + finding.text;
    console.print("fault: {}\n", shown(line, console.output_terminal()));
  }
  if (report.faults > report.findings.size()) {
    console.print("and {} more\n", grouped(report.faults - report.findings.size()));
  }
  console.flush();
  console.inform(
      fmt::format("{}: {}: {} verified in {} ({})", options.image,
                  report.faults == 0 ? "clean" : counted(report.faults, "fault", "faults"),
                  counted(report.files, "file", "files"),
                  counted(report.packages, "package", "packages"), readable_size(report.bytes)));
}

int run(const Options& options, Console& console) {
  const CheckReport report = perform(options, console);
  std::optional<appx::PackageCheckReport> packages;
  if (options.packages) {
    packages = check_packages(options, console);
  }
  if (console.json()) {
    Json json = to_json(options, report);
    if (packages) {
      json["packages"] = to_json(*packages);
    }
    print_json(console, std::move(json));
  } else {
    print_findings(report, console);
    std::string line = fmt::format("{}: {}: {}, {}", options.image, verdict(report),
                                   counted(report.directories, "directory", "directories"),
                                   counted(report.files, "file", "files"));
    if (options.deep) {
      line +=
          fmt::format(", {} verified ({})", counted(report.verified_objects, "object", "objects"),
                      readable_size(report.verified_bytes));
      if (report.unverified_objects != 0) {
        line += fmt::format(", {} not verified ({})",
                            counted(report.unverified_objects, "object", "objects"),
                            readable_size(report.unverified_bytes));
      }
    }
    console.flush();  // the findings precede the verdict
    console.inform(line);
    if (packages) {
      print_packages(options, *packages, console);
    }
  }
  return report.is_clean() && (!packages || packages->faults == 0) ? kSuccess : kFound;
}

Action prepare(Parameters& parameters) {
  auto options = std::make_shared<Options>();
  parameters.required("IMAGE", "the image file", options->image, Completes::kImages);
  parameters.flag("--deep",
                  "also read all data, verify the digest of every object and account for every "
                  "byte",
                  options->deep);
  parameters.flag("--packages",
                  "also compare every file of the application packages in the image with their "
                  "block maps",
                  options->packages);
  regions_option(parameters, options->regions);
  return [options](Console& console) { return run(*options, console); };
}

constexpr std::array<Example, 3> kExamples = {{
    {"cim check layers/7.cim", "check all metadata of an image"},
    {"cim check --deep layers/7.cim", "check all data too"},
    {"cim check --deep --json layers/7.cim", "print all findings as JSON"},
}};

}  // namespace
}  // namespace check_verb

constinit const Verb kCheckVerb = {
    .name = "check",
    .summary = "check an image for errors",
    .description =
        "Checks an image against the rules of its format and continues after each error: the "
        "headers of all files, the metadata, the names, and that every file is reachable. With "
        "--deep, also reads every object and compares it with its digest, and looks for objects "
        "that overlap or are unused and for bytes that belong to no object.\n\n"
        "Prints a line for each finding: its severity, the file and the byte offset in it, the "
        "path in the image, what is wrong, and the kind of finding in brackets. A fault is "
        "something that cannot be read or is read incorrectly; a warning is a broken rule that "
        "readers can tolerate; a note is informational, and an image with notes only is clean. "
        "docs/findings.md lists all kinds.\n\n"
        "The ancestors of a forked image are checked as far as the fork uses them.\n\n"
        "With --packages, the files of application packages are compared with the block maps of "
        "their packages, and those with the signatures, so that a file that was changed is found "
        "even if the image is valid.",
    .examples = check_verb::kExamples,
    .json = JsonOutput::kSupported,
    .status = StatusMeaning::kFindings,
    .prepare = check_verb::prepare,
};

}  // namespace cim::cli
