// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "cimlib/diff.h"

#include <algorithm>
#include <array>
#include <memory>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "cimlib/host_path.h"
#include "cimlib/wtf8.h"

#include "cli/image_reading.h"
#include "cli/json_output.h"
#include "cli/listing.h"
#include "cli/progress_bar.h"
#include "cli/text_output.h"
#include "cli/verb.h"

namespace cim::cli {
namespace diff_verb {
namespace {

struct Options {
  std::string before;
  std::string after;
  std::vector<std::string> ignored;
  std::vector<std::string> regions;
};

std::vector<std::string_view> names_of_fields() {
  std::vector<std::string_view> names;
  for (const FieldName& name : field_names()) {
    names.push_back(name.name);
  }
  return names;
}

// Returns the bits of the fields with these names.
std::uint32_t fields_named(const std::vector<std::string>& names) {
  std::uint32_t fields = 0;
  for (const FieldName& name : field_names()) {
    fields |= std::ranges::find(names, name.name) != names.end() ? name.field : 0;
  }
  return fields;
}

std::vector<std::string_view> names_in(std::uint32_t fields) {
  std::vector<std::string_view> names;
  for (const FieldName& name : field_names()) {
    if ((fields & name.field) != 0) {
      names.push_back(name.name);
    }
  }
  return names;
}

std::string path_text(const Difference& difference) {
  return joined(difference.path) + (difference.is_directory ? "/" : "");
}

// "changed  Files/a  (data, streams :b)".
std::string line_of(const Difference& difference) {
  std::string line = fmt::format("{:<7}  {}", to_string(difference.kind), path_text(difference));
  if (difference.fields != 0) {
    line += fmt::format("  ({}", fmt::join(names_in(difference.fields), ", "));
    for (const std::u16string& stream : difference.streams) {
      line += " :" + to_wtf8(stream);
    }
    line += ')';
  }
  return line;
}

Json to_json(const Difference& difference) {
  Json json = {{"change", to_string(difference.kind)}};
  put_text(json, "path", *to_utf16(joined(difference.path)));
  json["directory"] = difference.is_directory;
  if (difference.kind == DifferenceKind::kChanged) {
    json["fields"] = names_in(difference.fields);
  }
  if (!difference.streams.empty()) {
    json["streams"] = Json::array();
    for (const std::u16string& stream : difference.streams) {
      json["streams"].push_back(to_wtf8(stream));
    }
  }
  return json;
}

DiffSummary compare(const Options& options, Console& console, const DifferenceSink& sink) {
  ProgressBar bar(console, "comparing");
  return diff(host_path(options.before), host_path(options.after),
              {.ignored = fields_named(options.ignored),
               .progress = bar.sink(),
               .stop = console.stop_on_interruption(),
               .region_directories = host_paths(options.regions)},
              sink);
}

int run(const Options& options, Console& console) {
  DiffSummary summary;
  if (console.json()) {
    JsonList list(console);
    summary = compare(options, console, [&list](const Difference& difference) {
      list.add(to_json(difference));
      return true;
    });
    list.end();
  } else {
    // With --quiet, the first difference ends the comparison.
    summary = compare(options, console, [&console](const Difference& difference) {
      if (console.verbosity() != Verbosity::kQuiet) {
        console.print("{}\n", shown(line_of(difference), console.output_terminal()));
      }
      return console.verbosity() != Verbosity::kQuiet;
    });
  }
  console.explain(fmt::format("{} added, {} removed, {} changed; {} of data compared",
                              grouped(summary.added), grouped(summary.removed),
                              grouped(summary.changed), readable_size(summary.compared_bytes)));
  return summary.is_same() ? kSuccess : kFound;
}

Action prepare(Parameters& parameters) {
  auto options = std::make_shared<Options>();
  parameters.required("BEFORE", "the first image file", options->before, Completes::kImages);
  parameters.required("AFTER", "the second image file", options->after, Completes::kImages);
  parameters.option("--ignore", "FIELD", "ignore differences in this field", &options->ignored,
                    Completes::kNothing, names_of_fields());
  regions_option(parameters, options->regions);
  return [options](Console& console) { return run(*options, console); };
}

constexpr std::array<Example, 3> kExamples = {{
    {"cim diff layers/7.cim layers/8.cim", "list the differences between two images"},
    {"cim diff --ignore times 7.cim 8.cim", "ignore differences in times"},
    {"cim diff -q 7.cim 8.cim", "only set the exit status"},
}};

}  // namespace
}  // namespace diff_verb

constinit const Verb kDiffVerb = {
    .name = "diff",
    .summary = "show differences between two images",
    .description =
        "Lists the files and directories that are only in AFTER (added), only in BEFORE "
        "(removed), or that differ (changed), sorted by path. For a changed file, also lists the "
        "fields that differ: type, name (its case), data, attributes, times, security, "
        "extended-attributes, reparse, streams (with their names) and links (the other names of "
        "the file). Data that both images share is not read.\n\n"
        "With --quiet, prints nothing and stops at the first difference.",
    .examples = diff_verb::kExamples,
    .json = JsonOutput::kSupported,
    .status = StatusMeaning::kFindings,
    .prepare = diff_verb::prepare,
};

}  // namespace cim::cli
