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

#include "cli/json_output.h"
#include "cli/listing.h"
#include "cli/progress_bar.h"
#include "cli/text_output.h"
#include "cli/verbs/verbs.h"

namespace cim::cli {
namespace diff_verb {
namespace {

struct Options {
  std::string before;
  std::string after;
  std::vector<std::string> ignored;
};

std::vector<std::string_view> names_of_aspects() {
  std::vector<std::string_view> names;
  for (const FieldName& name : field_names()) {
    names.push_back(name.name);
  }
  return names;
}

std::uint32_t aspects_named(const std::vector<std::string>& names) {
  std::uint32_t fields = 0;
  for (const FieldName& name : field_names()) {
    fields |= std::ranges::find(names, name.name) != names.end() ? name.aspect : 0;
  }
  return fields;
}

std::vector<std::string_view> names_in(std::uint32_t fields) {
  std::vector<std::string_view> names;
  for (const FieldName& name : field_names()) {
    if ((fields & name.aspect) != 0) {
      names.push_back(name.name);
    }
  }
  return names;
}

std::string path_text(const Difference& difference) {
  return joined(difference.path) + (difference.is_directory ? "/" : "");
}

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
              {.ignored = aspects_named(options.ignored),
               .progress = bar.sink(),
               .stop = console.stop_on_interruption()},
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
  parameters.required("BEFORE", "an image", options->before, Completes::kImages);
  parameters.required("AFTER", "another", options->after, Completes::kImages);
  parameters.option("--ignore", "WHAT", "a respect in which files may differ", &options->ignored,
                    Completes::kNothing, names_of_aspects());
  return [options](Console& console) { return run(*options, console); };
}

constexpr std::array<Example, 3> kExamples = {{
    {"cim diff layers/7.cim layers/8.cim", "lists what the second image has otherwise"},
    {"cim diff --ignore times 7.cim 8.cim", "does not care for times"},
    {"cim diff -q 7.cim 8.cim", "only answers, by the exit status"},
}};

}  // namespace
}  // namespace diff_verb

constinit const Verb kDiffVerb = {
    .name = "diff",
    .summary = "list what differs between two images",
    .description =
        "Lists the files and directories that AFTER has and BEFORE has not (added), that only "
        "BEFORE has (removed), and that differ (changed), in the order of paths; of what was "
        "changed, in which respects: type, name (its case), data, attributes, times, security, "
        "extended-attributes, reparse, streams (with the names of those), links (which other names "
        "are of the same file). Data that both images share are not read.\n\n--quiet lists "
        "nothing, and stops at the first difference.",
    .examples = diff_verb::kExamples,
    .json = JsonOutput::kOffered,
    .answer = Answer::kWhetherFound,
    .prepare = diff_verb::prepare,
};

}  // namespace cim::cli
