// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include <array>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "cimlib/hive.h"

#include "cli/hive_input.h"
#include "cli/hive_listing.h"
#include "cli/json_output.h"
#include "cli/listing.h"
#include "cli/text_output.h"
#include "cli/verb.h"

namespace cim::cli {
namespace hive_ls_verb {
namespace {

using registry::Hive;
using registry::Key;

struct Options {
  std::string hive;
  std::optional<std::string> path;
  HiveOptions input;
  bool is_long = false;
  bool is_recursive = false;
};

Json to_json(const Key& key, const std::string& path, bool is_layered) {
  Json object = key_json(key, path, is_layered);
  object["subkey_count"] = key.subkey_count();
  object["value_count"] = key.values().size();
  return object;
}

// A deleted key of a delta hive is marked, as in .reg files.
void print(Console& console, const Key& key, const std::string& name, bool is_long) {
  const Terminal& terminal = console.output_terminal();
  if (is_long) {
    console.print("{} {:>7} {:>7}  ", short_time(key.time()), key.subkey_count(),
                  key.values().size());
  }
  console.print(shown(name, terminal));
  if (is_long && key.class_name()) {
    console.print("  [{}]", escape_controls(*key.class_name()));
  }
  if (key.layer() == registry::LayerSemantics::kTombstone) {
    console.print("  (deleted)");
  }
  console.print("\n");
}

int run(const Options& options, Console& console) {
  const Hive hive = open_hive(options.hive, options.input, console);
  const std::string path = options.path.value_or("");
  const Key top = find_key(hive, path, name_of_hive(options.hive, options.input.image));
  const std::string top_path = hive.spelled_path(path).value_or("");
  std::optional<JsonList> json;
  if (console.json()) {
    json.emplace(console);
  }
  const auto show = [&](const Key& key, const std::string& below) {
    if (json) {
      json->add(to_json(key, key_path(top_path, below), hive.is_layered()));
    } else {
      print(console, key, below, options.is_long);
    }
  };
  for (const Key subkey : top.subkeys()) {
    if (options.is_recursive) {
      for_each_key(subkey, subkey.name(), show);
    } else {
      show(subkey, subkey.name());
    }
  }
  if (json) {
    json->end();
  }
  return kSuccess;
}

Action prepare(Parameters& parameters) {
  auto options = std::make_shared<Options>();
  parameters.required("HIVE", kHiveHelp, options->hive, Completes::kFiles);
  parameters.optional("KEY", "the key to list (default: the root)", options->path);
  parameters.flag("-l,--long",
                  "show time of last write, number of subkeys, number of values, and class",
                  options->is_long);
  parameters.flag("-R,--recursive", "list subkeys recursively, with paths", options->is_recursive);
  hive_options(parameters, options->input);
  return [options](Console& console) { return run(*options, console); };
}

constexpr std::array<Example, 2> kExamples = {{
    {"cim hive ls config/SYSTEM 'ControlSet001\\Services'", "list the subkeys of a key"},
    {"cim hive ls -l -R --in layers/7.cim Files/Windows/System32/config/SOFTWARE",
     "list all keys of a hive that is in an image"},
}};

}  // namespace
}  // namespace hive_ls_verb

constinit const Verb kHiveLsVerb = {
    .name = "hive ls",
    .summary = "list the keys of a registry hive",
    .description =
        "Lists the subkeys of a key in the order of the hive, by name ignoring case. 'cim hive "
        "get' "
        "lists the values of a key.\n\n"
        "The long format has the time of the last write in UTC, the number of subkeys, the number "
        "of values, the name and, in brackets, the class. Keys that the delta hive of a layer "
        "deletes are marked.",
    .examples = hive_ls_verb::kExamples,
    .json = JsonOutput::kSupported,
    .prepare = hive_ls_verb::prepare,
};

}  // namespace cim::cli
