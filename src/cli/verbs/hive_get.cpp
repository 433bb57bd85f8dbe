// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include <array>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "cimlib/error.h"
#include "cimlib/hive.h"

#include "cli/hive_input.h"
#include "cli/hive_listing.h"
#include "cli/json_output.h"
#include "cli/text_output.h"
#include "cli/verb.h"

namespace cim::cli {
namespace hive_get_verb {
namespace {

using registry::Hive;
using registry::Key;
using registry::Value;

struct Options {
  std::string hive;
  std::string path;
  std::optional<std::string> value;
  HiveOptions input;
  bool is_raw = false;
};

Value find_value(const Key& key, const Options& options) {
  auto value = key.value(*options.value);
  if (!value) {
    throw Error(ErrorCode::kNotFound, options.path,
                options.value->empty() ? "no default value" : "no value " + *options.value);
  }
  if (value->is_tombstone()) {
    throw Error(ErrorCode::kNotFound, options.path, "this delta hive deletes the value");
  }
  return std::move(*value);
}

void print_value(Console& console, const Value& value, bool is_raw) {
  const Terminal& terminal = console.output_terminal();
  if (is_raw) {
    console.write(value.data());
  } else if (const auto strings = value.strings()) {
    for (const std::string& text : *strings) {
      console.print(shown(text, terminal) + "\n");
    }
  } else {
    console.print(shown(data_text(value), terminal) + "\n");
  }
}

void print_values(Console& console, const Key& key) {
  for (const Value value : key.values()) {
    console.print("{}  {}\n", shown(value_name_text(value), console.output_terminal()),
                  value_summary(value));
  }
}

int run(const Options& options, Console& console) {
  if (options.is_raw && (!options.value || console.json())) {
    throw UsageError{"--raw needs a VALUE and excludes --json"};
  }
  const Hive hive = open_hive(options.hive, options.input, console);
  const Key key = find_key(hive, options.path, name_of_hive(options.hive, options.input.image));
  if (options.value) {
    const Value value = find_value(key, options);
    if (console.json()) {
      print_json(console, value_json(value));
    } else {
      print_value(console, value, options.is_raw);
    }
  } else if (console.json()) {
    Json object = key_json(key, hive.spelled_path(options.path).value_or(""), hive.is_layered());
    put_security(object, key);
    put_values(object, key);
    print_json(console, std::move(object));
  } else {
    print_values(console, key);
  }
  return kSuccess;
}

Action prepare(Parameters& parameters) {
  auto options = std::make_shared<Options>();
  parameters.required("HIVE", kHiveHelp, options->hive, Completes::kFiles);
  parameters.required("KEY", "the path of the key, such as 'Microsoft\\Windows NT'; '' is the root",
                      options->path);
  parameters.optional("VALUE", "the name of a value; '' is the default value (default: list all)",
                      options->value);
  parameters.flag("--raw", "write the bytes of the value as they are stored", options->is_raw);
  hive_options(parameters, options->input);
  return [options](Console& console) { return run(*options, console); };
}

constexpr std::array<Example, 3> kExamples = {{
    {"cim hive get config/SOFTWARE 'Microsoft\\Windows NT\\CurrentVersion' CurrentBuild",
     "print a value"},
    {"cim hive get config/SOFTWARE 'Microsoft\\Windows NT\\CurrentVersion'",
     "list all values of a key"},
    {"cim hive get --raw --in layers/7.cim Files/Windows/System32/config/SYSTEM Select Current | "
     "xxd",
     "show the bytes of a value in a hive that is in an image"},
}};

}  // namespace
}  // namespace hive_get_verb

constinit const Verb kHiveGetVerb = {
    .name = "hive get",
    .summary = "print a value of a registry hive",
    .description =
        "Prints the data of a value: text as it is, numbers in decimal, a list of strings with "
        "each on its own line, other data in hexadecimal. The case of names is ignored.\n\n"
        "Without VALUE, lists the values of the key with their types. Long data is cut there, and "
        "control characters are shown as \\x0a.",
    .examples = hive_get_verb::kExamples,
    .json = JsonOutput::kSupported,
    .prepare = hive_get_verb::prepare,
};

}  // namespace cim::cli
