// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include <algorithm>
#include <array>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "cimlib/glob.h"
#include "cimlib/hive.h"
#include "cimlib/wtf8.h"

#include "cli/hive_input.h"
#include "cli/hive_listing.h"
#include "cli/json_output.h"
#include "cli/text_output.h"
#include "cli/verb.h"

namespace cim::cli {
namespace hive_find_verb {
namespace {

using registry::Hive;
using registry::Key;
using registry::Value;

constexpr std::string_view kSeparator = "\\";

struct Options {
  std::string hive;
  std::string pattern;
  std::optional<std::string> path;
  HiveOptions input;
  bool keys = false;
  bool values = false;
  bool data = false;

  bool everything() const { return !keys && !values && !data; }
  bool finds_keys() const { return keys || everything(); }
  bool finds_values() const { return values || everything(); }
  bool finds_data() const { return data || everything(); }
};

std::u16string utf16(std::string_view wtf8) {
  return to_utf16(wtf8).value_or(u"");
}

class Search {
 public:
  Search(const Options& options, const Hive& hive, Console& console)
      : options_(options),
        is_layered_(hive.is_layered()),
        console_(console),
        keys_(options.pattern, kSeparator),
        texts_(options.pattern, "") {
    if (console.json()) {
      json_.emplace(console);
    }
  }

  void run(const Key& top, const std::string& path) {
    for (const Key subkey : top.subkeys()) {
      visit(subkey, path, keys_.start());
    }
    find_values(top, path);
    if (json_) {
      json_->end();
    }
  }

 private:
  // A hive has at most 512 levels.
  void visit(const Key& key, const std::string& parent, const GlobState& state) {
    const std::string name = key.name();
    const std::string path = key_path(parent, name);
    const GlobState here = state.enter(utf16(name));
    // A pattern of one name applies to the keys of all levels.
    const bool is_match = keys_.size() == 1 ? keys_.matches(utf16(name)) : here.is_match();
    if (options_.finds_keys() && is_match) {
      report(key, path);
    }
    find_values(key, path);
    for (const Key subkey : key.subkeys()) {
      visit(subkey, path, here);
    }
  }

  void find_values(const Key& key, const std::string& path) {
    if (!options_.finds_values() && !options_.finds_data()) {
      return;
    }
    for (const Value value : key.values()) {
      const bool by_name = options_.finds_values() && texts_.matches(utf16(value.name()));
      const bool by_data = options_.finds_data() && has_matching_data(value);
      if (by_name || by_data) {
        report(value, path, by_name, by_data);
      }
    }
  }

  bool has_matching_data(const Value& value) const {
    if (value.is_tombstone()) {
      return false;
    }
    if (const auto strings = value.strings()) {
      return std::ranges::any_of(
          *strings, [this](const std::string& text) { return texts_.matches(utf16(text)); });
    }
    return texts_.matches(utf16(data_text(value)));
  }

  void report(const Key& key, const std::string& path) {
    if (!json_) {
      console_.print(shown(path, console_.output_terminal()) + "\n");
      return;
    }
    Json object = {{"match", Json::array({"key"})}};
    object.update(key_json(key, path, is_layered_));
    json_->add(std::move(object));
  }

  void report(const Value& value, const std::string& path, bool by_name, bool by_data) {
    if (!json_) {
      const Terminal& terminal = console_.output_terminal();
      console_.print("{}: {}  {}\n", shown(path, terminal), shown(value_name_text(value), terminal),
                     value_summary(value));
      return;
    }
    Json object = {{"match", Json::array()}};
    if (by_name) {
      object["match"].push_back("name");
    }
    if (by_data) {
      object["match"].push_back("data");
    }
    put_hive_text(object, "key", path);
    object["value"] = value_json(value);
    json_->add(std::move(object));
  }

  const Options& options_;
  bool is_layered_;
  Console& console_;
  Glob keys_;
  Glob texts_;
  std::optional<JsonList> json_;
};

int run(const Options& options, Console& console) {
  const Hive hive = open_hive(options.hive, options.input, console);
  const std::string path = options.path.value_or("");
  const Key top = find_key(hive, path, name_of_hive(options.hive, options.input.image));
  Search(options, hive, console).run(top, hive.spelled_path(path).value_or(""));
  return kSuccess;
}

Action prepare(Parameters& parameters) {
  auto options = std::make_shared<Options>();
  parameters.required("HIVE", kHiveHelp, options->hive, Completes::kFiles);
  parameters.required("PATTERN", "a name or text in which *, ? and [a-z] have their usual meaning",
                      options->pattern);
  parameters.optional("KEY", "the key below which to search (default: the root)", options->path);
  parameters.flag("--keys", "search the names of keys", options->keys);
  parameters.flag("--values", "search the names of values", options->values);
  parameters.flag("--data", "search the data of values", options->data);
  hive_options(parameters, options->input);
  return [options](Console& console) { return run(*options, console); };
}

constexpr std::array<Example, 3> kExamples = {{
    {"cim hive find config/SOFTWARE '*defender*'", "search names and data for a word"},
    {"cim hive find --keys config/SYSTEM 'ControlSet*\\Services\\*\\Parameters'",
     "list keys by their path"},
    {"cim hive find --data --json config/SOFTWARE 'c:\\program files\\*'",
     "print all values with a path in a directory as JSON"},
}};

}  // namespace
}  // namespace hive_find_verb

constinit const Verb kHiveFindVerb = {
    .name = "hive find",
    .summary = "search the keys and values of a registry hive",
    .description =
        "Prints the keys whose name matches a pattern, and the values whose name or data matches "
        "it; options restrict the search. The pattern must match the whole name or text, ignoring "
        "case: * stands for any characters, ? for one character, [a-z] for one of several.\n\n"
        "For keys, a pattern with backslashes is compared with the path below KEY, name by name; "
        "** as a name stands for any number of names. Data is compared as 'cim hive get' prints "
        "it, each string of a list by itself.\n\n"
        "A value is printed as KEY: NAME  TYPE  DATA, with long data cut. The exit status is 0 "
        "also "
        "if nothing matches.",
    .examples = hive_find_verb::kExamples,
    .json = JsonOutput::kSupported,
    .prepare = hive_find_verb::prepare,
};

}  // namespace cim::cli
