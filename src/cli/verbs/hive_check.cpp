// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include <array>
#include <memory>
#include <string>

#include <fmt/format.h>

#include "cimlib/error.h"
#include "cimlib/hive.h"
#include "cimlib/wtf8.h"

#include "cli/hive_input.h"
#include "cli/json_output.h"
#include "cli/text_output.h"
#include "cli/verb.h"

namespace cim::cli {
namespace hive_check_verb {
namespace {

using registry::CheckReport;

struct Options {
  std::string hive;
  HiveOptions input;
  bool strict = false;
};

// One line for each finding, and a summary on standard error.
void print_text(Console& console, const CheckReport& report) {
  for (const Finding& finding : report.findings) {
    const std::string key = finding.path.empty()
                                ? ""
                                : "key '" + shown(finding.path, console.output_terminal()) + "': ";
    console.print(fmt::format("{} at byte {}: {}{}\n", to_string(finding.severity),
                              finding.offset.value_or(0), key,
                              shown(finding.text, console.output_terminal())));
  }
  if (report.findings_omitted != 0) {
    console.print(fmt::format("and {} more\n", grouped(report.findings_omitted)));
  }
  console.inform(fmt::format(
      "{}, {}, {} in unreferenced cells", counted(report.keys, "key", "keys"),
      counted(report.values, "value", "values"), readable_size(report.unreachable_bytes)));
}

Json json_of(const Finding& finding) {
  Json object;
  object["severity"] = to_string(finding.severity);
  object["offset"] = finding.offset.value_or(0);
  put_text(object, "key", to_utf16(finding.path).value_or(u""));
  object["text"] = finding.text;
  return object;
}

Json json_of(const CheckReport& report) {
  Json object;
  object["findings"] = Json::array();
  for (const Finding& finding : report.findings) {
    object["findings"].push_back(json_of(finding));
  }
  object["findings_omitted"] = report.findings_omitted;
  object["keys"] = report.keys;
  object["values"] = report.values;
  object["unreachable_bytes"] = report.unreachable_bytes;
  return object;
}

int run(const Options& options, Console& console) {
  const CheckReport report =
      registry::check(read_hive(options.hive, options.input),
                      {.min_severity = options.strict ? Severity::kNote : Severity::kWarning});
  if (console.json()) {
    print_json(console, json_of(report));
  } else {
    print_text(console, report);
  }
  return report.findings.empty() ? kSuccess : kFound;
}

Action prepare(Parameters& parameters) {
  auto options = std::make_shared<Options>();
  parameters.required("HIVE", kHiveHelp, options->hive, Completes::kFiles);
  image_option(parameters, options->input);
  parameters.flag("--strict", "also report valid contents that Windows would not write",
                  options->strict);
  return [options](Console& console) { return run(*options, console); };
}

constexpr std::array<Example, 3> kExamples = {{
    {"cim hive check config/SYSTEM", "report damage and anything that Windows might reject"},
    {"cim hive check --strict Hives/SYSTEM_BASE",
     "also report anything that Windows would not write"},
    {"cim hive check --in layers/7.cim Files/Windows/System32/config/SAM",
     "check a hive that is in an image"},
}};

}  // namespace
}  // namespace hive_check_verb

constinit const Verb kHiveCheckVerb = {
    .name = "hive check",
    .summary = "check a registry hive for errors",
    .description =
        "Checks everything in a hive and continues after each finding: bins, cells, keys with "
        "their order and hashes, values, security descriptors and their list. Prints a line for "
        "each finding with its byte offset.\n\n"
        "The exit status is 0 if there are no findings, 1 if there are, and 2 if the file cannot "
        "be read.",
    .examples = hive_check_verb::kExamples,
    .json = JsonOutput::kSupported,
    .status = StatusMeaning::kFindings,
    .prepare = hive_check_verb::prepare,
};

}  // namespace cim::cli
