// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "cimlib/hive_diff.h"

#include <algorithm>
#include <array>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "cimlib/hive.h"

#include "cli/hive_input.h"
#include "cli/hive_listing.h"
#include "cli/image_reading.h"
#include "cli/json_output.h"
#include "cli/text_output.h"
#include "cli/verb.h"

namespace cim::cli {
namespace hive_diff_verb {
namespace {

using registry::Hive;
using registry::HiveDiffSummary;
using registry::KeyDifference;
using registry::Value;
using registry::ValueDifference;

struct Options {
  std::string before;
  std::string after;
  std::optional<std::string> path;
  std::vector<std::string> images;
  std::vector<std::string> regions;
  std::vector<std::string> before_logs;
  std::vector<std::string> after_logs;
  bool as_is = false;
  std::vector<std::string> ignored;
};

std::vector<std::string_view> names_of_fields() {
  std::vector<std::string_view> names;
  for (const FieldName& name : registry::hive_field_names()) {
    names.push_back(name.name);
  }
  return names;
}

// Returns the bits of the fields with these names.
std::uint32_t fields_named(const std::vector<std::string>& names) {
  std::uint32_t fields = 0;
  for (const FieldName& name : registry::hive_field_names()) {
    fields |= std::ranges::find(names, name.name) != names.end() ? name.field : 0;
  }
  return fields;
}

std::vector<std::string_view> names_in(std::uint32_t fields) {
  std::vector<std::string_view> names;
  for (const FieldName& name : registry::hive_field_names()) {
    if ((fields & name.field) != 0) {
      names.push_back(name.name);
    }
  }
  return names;
}

const Value& named(const ValueDifference& difference) {
  return difference.after ? *difference.after : *difference.before;
}

// "  changed  Name  REG_SZ  old -> REG_SZ  new".
std::string line_of(const ValueDifference& difference, const Terminal& terminal) {
  std::string line = fmt::format("  {:<7}  {}  ", to_string(difference.kind),
                                 shown(value_name_text(named(difference)), terminal));
  if (difference.before) {
    line += value_summary(*difference.before);
  }
  if (difference.before && difference.after) {
    line += " -> ";
  }
  if (difference.after) {
    line += value_summary(*difference.after);
  }
  return line;
}

// The root has no name; a backslash stands for it.
void print(Console& console, const KeyDifference& difference) {
  const Terminal& terminal = console.output_terminal();
  const std::string path = difference.path.empty() ? "\\" : difference.path;
  console.print("{:<7}  {}", to_string(difference.kind), shown(path, terminal));
  if (difference.fields != 0) {
    console.print("  ({})", fmt::join(names_in(difference.fields), ", "));
  }
  console.print("\n");
  for (const ValueDifference& value : difference.values) {
    console.print(line_of(value, terminal) + "\n");
  }
}

Json to_json(const ValueDifference& difference) {
  Json object = {{"change", to_string(difference.kind)}};
  put_hive_text(object, "name", named(difference).name());
  if (difference.kind == DifferenceKind::kChanged) {
    object["fields"] = names_in(difference.fields);
  }
  if (difference.before) {
    object["before"] = value_json(*difference.before);
  }
  if (difference.after) {
    object["after"] = value_json(*difference.after);
  }
  return object;
}

class Reporter {
 public:
  Reporter(Console& console, bool before_is_layered, bool after_is_layered)
      : console_(console),
        before_is_layered_(before_is_layered),
        after_is_layered_(after_is_layered) {
    if (console.json()) {
      json_.emplace(console);
    }
  }

  // With --quiet, the first difference ends the comparison.
  bool report(const KeyDifference& difference) {
    if (json_) {
      json_->add(to_json(difference));
    } else if (console_.verbosity() == Verbosity::kQuiet) {
      return false;
    } else {
      print(console_, difference);
    }
    return true;
  }

  void end() {
    if (json_) {
      json_->end();
    }
  }

 private:
  Json to_json(const KeyDifference& difference) const {
    Json object = {{"change", to_string(difference.kind)}};
    put_hive_text(object, "key", difference.path);
    if (difference.kind == DifferenceKind::kChanged) {
      object["fields"] = names_in(difference.fields);
    }
    if (difference.before) {
      object["before"] = side(*difference.before, before_is_layered_);
    }
    if (difference.after) {
      object["after"] = side(*difference.after, after_is_layered_);
    }
    object["values"] = Json::array();
    for (const ValueDifference& value : difference.values) {
      object["values"].push_back(hive_diff_verb::to_json(value));
    }
    return object;
  }

  static Json side(const registry::Key& key, bool is_layered) {
    Json object;
    put_hive_text(object, "name", key.name());
    put_attributes(object, key, is_layered);
    put_security(object, key);
    return object;
  }

  Console& console_;
  bool before_is_layered_;
  bool after_is_layered_;
  std::optional<JsonList> json_;
};

// One image is that of both hives.
HiveOptions input_of(const Options& options, std::size_t index) {
  HiveOptions input;
  if (!options.images.empty()) {
    input.image = options.images[std::min(index, options.images.size() - 1)];
  }
  input.regions = options.regions;
  input.logs = index == 0 ? options.before_logs : options.after_logs;
  input.as_is = options.as_is;
  return input;
}

int run(const Options& options, Console& console) {
  if (options.images.size() > 2) {
    throw UsageError{"--in can be given twice at most"};
  }
  if (options.images.empty() && options.before == "-" && options.after == "-") {
    throw UsageError{"only one hive can be standard input"};
  }
  const Hive before = open_hive(options.before, input_of(options, 0), console);
  const Hive after = open_hive(options.after, input_of(options, 1), console);
  Reporter reporter(console, before.is_layered(), after.is_layered());
  const HiveDiffSummary summary = registry::diff(
      before, after, {.path = options.path.value_or(""), .ignored = fields_named(options.ignored)},
      [&reporter](const KeyDifference& difference) { return reporter.report(difference); });
  reporter.end();
  console.explain(fmt::format("keys: {} added, {} removed, {} changed; {} in them differ",
                              grouped(summary.added), grouped(summary.removed),
                              grouped(summary.changed),
                              counted(summary.values, "value", "values")));
  return summary.is_same() ? kSuccess : kFound;
}

Action prepare(Parameters& parameters) {
  auto options = std::make_shared<Options>();
  parameters.required("BEFORE", "the first hive file, or - for standard input", options->before,
                      Completes::kFiles);
  parameters.required("AFTER", "the second hive file, or - for standard input", options->after,
                      Completes::kFiles);
  parameters.optional("KEY", "the key to compare (default: the root)", options->path);
  parameters.option("--ignore", "FIELD", "ignore differences in this field", &options->ignored,
                    Completes::kNothing, names_of_fields());
  parameters.option("--in", "IMAGE", "read both hives from this image; given twice, one from each",
                    &options->images, Completes::kImages);
  regions_option(parameters, options->regions);
  parameters.option("--before-log", "FILE", "apply this transaction log if the first hive is torn",
                    &options->before_logs, Completes::kFiles);
  parameters.option("--after-log", "FILE", "apply this transaction log if the second hive is torn",
                    &options->after_logs, Completes::kFiles);
  parameters.flag("--as-is", "read torn hives without their logs", options->as_is);
  return [options](Console& console) { return run(*options, console); };
}

constexpr std::array<Example, 4> kExamples = {{
    {"cim hive diff parent/Hives/SOFTWARE_BASE Hives/SOFTWARE_BASE",
     "show what a layer changes in a hive"},
    {"cim hive diff --ignore time before/SYSTEM after/SYSTEM 'ControlSet001\\Services'",
     "compare a key and its subkeys, without times"},
    {"cim hive diff --in 7.cim --in 8.cim Files/Windows/System32/config/SAM "
     "Files/Windows/System32/config/SAM",
     "compare the hives of two images"},
    {"cim hive diff --as-is --after-log SYSTEM.LOG1 SYSTEM SYSTEM",
     "show what a transaction log would change"},
}};

}  // namespace
}  // namespace hive_diff_verb

constinit const Verb kHiveDiffVerb = {
    .name = "hive diff",
    .summary = "list the differences between two registry hives",
    .description =
        "Prints a line for each key that was added, removed or changed, with the fields that "
        "differ, and below it a line for each value that differs. Names are compared ignoring "
        "case, and the order of values has no meaning. If a key was added or removed, every key "
        "below it is listed too.\n\n"
        "Fields are name (its case), class, security, time, flags, layer (how a delta hive affects "
        "the hive below it) and values; of a value name, type, data and layer.\n\n"
        "The exit status is 0 if the hives are equal, 1 if they differ, and 2 if they cannot be "
        "compared. With --quiet, nothing is printed and the first difference ends the comparison.",
    .examples = hive_diff_verb::kExamples,
    .json = JsonOutput::kSupported,
    .status = StatusMeaning::kFindings,
    .prepare = hive_diff_verb::prepare,
};

}  // namespace cim::cli
