// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include <algorithm>
#include <array>
#include <iterator>
#include <memory>
#include <optional>
#include <string>

#include <fmt/format.h>

#include "cimlib/error.h"
#include "cimlib/hive.h"
#include "cimlib/host_path.h"
#include "cimlib/wtf8.h"

#include "cli/json_output.h"
#include "cli/text_output.h"
#include "cli/verb.h"

namespace cim::cli {
namespace hive_dump_verb {
namespace {

using registry::Hive;
using registry::Key;
using registry::LayerSemantics;
using registry::Value;

struct Options {
  std::string hive;
  std::optional<std::string> path;
  std::string prefix;
  std::vector<std::string> logs;
  bool as_is = false;
};

/// "01,02,ff".
std::string bytes_text(std::span<const std::byte> bytes) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string text;
  text.reserve(3 * bytes.size());
  for (const std::byte byte : bytes) {
    if (!text.empty()) {
      text += ',';
    }
    text += kDigits[std::to_integer<std::size_t>(byte >> 4)];
    text += kDigits[std::to_integer<std::size_t>(byte & std::byte{15})];
  }
  return text;
}

// ---- as the registry editor writes it ----

// Quotes a name with the two escapes that the registry editor knows.
std::string in_quotes(const std::string& name) {
  std::string text = "\"";
  for (const char character : name) {
    if (character == '"' || character == '\\') {
      text += '\\';
    }
    text += character;
  }
  return text + '"';
}

// Types other than a number are written as bytes: strings too, so that nothing depends on an
// encoding.
std::string value_line(const Value& value) {
  const std::string name = value.name();
  const std::string left = name.empty() ? "@" : in_quotes(name);
  if (value.is_tombstone()) {
    return left + "=-";
  }
  if (const auto number = value.dword()) {
    return fmt::format("{}=dword:{:08x}", left, *number);
  }
  return fmt::format("{}=hex({:x}):{}", left, value.type(), bytes_text(value.data()));
}

// A deleted key is written as in .reg files, as "[-KEY]".
void print_as_text(Console& console, const Key& key, const std::string& path) {
  const Terminal& terminal = console.output_terminal();
  if (key.layer() == LayerSemantics::kTombstone) {
    console.print(fmt::format("[-{}]\n\n", shown(path, terminal)));
    return;
  }
  console.print(fmt::format("[{}]\n", shown(path, terminal)));
  for (const Value value : key.values()) {
    console.print(shown(value_line(value), terminal) + "\n");
  }
  console.print("\n");
}

// ---- as JSON ----

std::string_view name_of(LayerSemantics layer) {
  switch (layer) {
    case LayerSemantics::kMerge:
      return "merge";
    case LayerSemantics::kTombstone:
      return "tombstone";
    case LayerSemantics::kSupersedeLocal:
      return "supersede-local";
    case LayerSemantics::kSupersedeTree:
      return "supersede-tree";
  }
  return "unknown";
}

// Names come from the library in WTF-8; put_text() adds the exact form where that is needed.
void put_name(Json& object, const std::string& member, std::string_view name) {
  put_text(object, member, to_utf16(name).value_or(u""));
}

Json json_of(const Value& value) {
  Json object;
  put_name(object, "name", value.name());
  if (value.is_tombstone()) {
    object["tombstone"] = true;
  } else {
    object["type"] = value.type();
    object["data"] = to_hex_digits(value.data());
  }
  return object;
}

Json json_of(const Key& key, const std::string& path, bool layered) {
  Json object;
  put_name(object, "key", path);
  object["time"] = key.time().to_string();
  object["flags"] = key.flags();
  object["control"] = key.control();
  object["debug"] = key.debug();
  if (const auto name = key.class_name()) {
    put_name(object, "class", *name);
  }
  if (layered) {
    object["layer"] = name_of(key.layer());
    object["inherits_class"] = key.inherits_class();
  }
  object["descriptor"] = to_hex_digits(key.descriptor());
  object["values"] = Json::array();
  for (const Value value : key.values()) {
    object["values"].push_back(json_of(value));
  }
  return object;
}

// ---- the verb ----

/// Calls `show` for a key and all its subkeys, with their paths. A hive has at most 512 levels.
template <typename Show>
void for_each_key(const Key& key, const std::string& path, Show& show) {
  show(key, path);
  for (const Key subkey : key.subkeys()) {
    const std::string name = subkey.name();
    for_each_key(subkey, path.empty() ? name : fmt::format("{}\\{}", path, name), show);
  }
}

void dump_text(Console& console, const Key& top, const Options& options) {
  console.print("Windows Registry Editor Version 5.00\n\n");
  auto show = [&](const Key& key, const std::string& path) {
    print_as_text(console, key, options.prefix + "\\" + path);
  };
  for_each_key(top, options.path.value_or(""), show);
}

void dump_json(Console& console, const Hive& hive, const Key& top, const Options& options) {
  JsonList list(console);
  auto show = [&](const Key& key, const std::string& path) {
    list.add(json_of(key, path, hive.is_layered()));
  };
  for_each_key(top, options.path.value_or(""), show);
  list.end();
}

int run(const Options& options, Console& console) {
  registry::OpenOptions open;
  open.dirty = options.as_is ? registry::DirtyHive::kReadAsIs : registry::DirtyHive::kRefuse;
  std::ranges::transform(options.logs, std::back_inserter(open.logs), host_path);
  open.warning = [&console](const std::string& warning) { console.warn(warning); };
  const Hive hive = Hive::open(host_path(options.hive), open);
  const auto top = hive.find(options.path.value_or(""));
  if (!top) {
    throw Error(ErrorCode::kNotFound, *options.path, "no such key in " + options.hive);
  }
  if (console.json()) {
    dump_json(console, hive, *top, options);
  } else {
    dump_text(console, *top, options);
  }
  return kSuccess;
}

Action prepare(Parameters& parameters) {
  auto options = std::make_shared<Options>();
  parameters.required("HIVE", "the hive file", options->hive, Completes::kFiles);
  parameters.optional("KEY",
                      "the key to start at, such as 'Microsoft\\Windows NT' (default: the root)",
                      options->path);
  parameters.option("--prefix", "PREFIX", "prepend this to the path of every key",
                    &options->prefix);
  parameters.option("--log", "FILE",
                    "apply this transaction log if the hive is torn; may be given more than once",
                    &options->logs, Completes::kFiles);
  parameters.flag("--as-is", "read a torn hive without its logs", options->as_is);
  return [options](Console& console) { return run(*options, console); };
}

constexpr std::array<Example, 2> kExamples = {{
    {"cim hive dump config/SOFTWARE", "print all keys and values as text"},
    {"cim hive dump config/SYSTEM 'ControlSet001\\Services' --json",
     "print a key and its subkeys as JSON"},
}};

}  // namespace
}  // namespace hive_dump_verb

constinit const Verb kHiveDumpVerb = {
    .name = "hive dump",
    .summary = "print the keys and values of a registry hive",
    .description =
        "Prints keys and values in the format of registry editor exports. In the delta hive of a "
        "layer, [-KEY] is a deleted key and \"NAME\"=- a deleted value.\n\n"
        "With --json, prints one object per key, each on its own line, with its path, time, "
        "flags, class, security descriptor and values; descriptors and data are hexadecimal.",
    .examples = hive_dump_verb::kExamples,
    .json = JsonOutput::kSupported,
    .prepare = hive_dump_verb::prepare,
};

}  // namespace cim::cli
