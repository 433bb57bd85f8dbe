// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include <array>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include <fmt/format.h>

#include "cimlib/hive.h"
#include "cimlib/hive_text.h"

#include "cli/hive_input.h"
#include "cli/hive_listing.h"
#include "cli/json_output.h"
#include "cli/text_output.h"
#include "cli/verb.h"

namespace cim::cli {
namespace hive_dump_verb {
namespace {

using registry::Hive;
using registry::Key;
using registry::RegFileEncoding;

struct Options {
  std::string hive;
  std::optional<std::string> path;
  HiveOptions input;
  std::string root;
  bool is_utf16 = false;
  bool unicode_text = false;
  bool comments = false;
};

// A terminal must not receive control characters that names may contain.
void print_lines(Console& console, std::string_view lines) {
  constexpr std::string_view kLineEnd = "\r\n";
  while (!lines.empty()) {
    const std::size_t end = lines.find(kLineEnd);
    console.print(shown(lines.substr(0, end), console.output_terminal()) + "\n");
    lines.remove_prefix(end == lines.npos ? lines.size() : end + kLineEnd.size());
  }
}

int dump_text(Console& console, const Hive& hive, const Options& options) {
  const bool is_terminal = console.output_terminal().is_terminal;
  if (options.is_utf16 && is_terminal) {
    throw UsageError{"--utf16 is for files, and the output is a terminal"};
  }
  const auto print = [&](std::span<const std::byte> bytes) {
    if (is_terminal) {
      // char may alias any object.
      print_lines(console, {reinterpret_cast<const char*>(bytes.data()), bytes.size()});
    } else {
      console.write(bytes);
    }
  };
  const auto summary = registry::write_reg_file(
      hive, options.path.value_or(""),
      {.root = options.root,
       .encoding = options.is_utf16 ? RegFileEncoding::kUtf16 : RegFileEncoding::kUtf8,
       .unicode_text = options.unicode_text,
       .comments = options.comments},
      print);
  if (summary.is_complete()) {
    return kSuccess;
  }
  console.flush();
  console.error(fmt::format(
      "{} and {} are omitted, which .reg files cannot express; comments name them, and --json "
      "shows them",
      counted(summary.omitted_keys, "key", "keys"),
      counted(summary.omitted_values, "value", "values")));
  return kFailure;
}

int dump_json(Console& console, const Hive& hive, const Key& top, const Options& options) {
  JsonList list(console);
  for_each_key(top, hive.spelled_path(options.path.value_or("")).value_or(""),
               [&](const Key& key, const std::string& path) {
                 Json object = key_json(key, path, hive.is_layered());
                 put_security(object, key);
                 put_values(object, key);
                 list.add(std::move(object));
               });
  list.end();
  return kSuccess;
}

int run(const Options& options, Console& console) {
  const Hive hive = open_hive(options.hive, options.input, console);
  const Key top =
      find_key(hive, options.path.value_or(""), name_of_hive(options.hive, options.input.image));
  return console.json() ? dump_json(console, hive, top, options)
                        : dump_text(console, hive, options);
}

Action prepare(Parameters& parameters) {
  auto options = std::make_shared<Options>();
  parameters.required("HIVE", kHiveHelp, options->hive, Completes::kFiles);
  parameters.optional("KEY",
                      "the key to start at, such as 'Microsoft\\Windows NT' (default: the root)",
                      options->path);
  parameters.option("--root", "ROOT",
                    "where the hive is loaded, such as 'HKEY_LOCAL_MACHINE\\SOFTWARE'; begins the "
                    "path of every key",
                    &options->root);
  parameters.flag("--utf16", "write UTF-16 with a byte order mark, which regedit imports",
                  options->is_utf16);
  parameters.flag("--unicode",
                  "in UTF-8, write text outside ASCII as text and not as bytes, for people to read",
                  options->unicode_text);
  parameters.flag("--comments", "write time, class, security and flags of each key as comments",
                  options->comments);
  hive_options(parameters, options->input);
  return [options](Console& console) { return run(*options, console); };
}

constexpr std::array<Example, 4> kExamples = {{
    {"cim hive dump config/SOFTWARE", "print all keys and values as text"},
    {"cim hive dump --utf16 --root 'HKEY_LOCAL_MACHINE\\SOFTWARE' config/SOFTWARE > software.reg",
     "write a file for the registry editor of Windows"},
    {"cim hive dump config/SYSTEM 'ControlSet001\\Services' --json",
     "print a key and its subkeys as JSON"},
    {"cim hive dump --in layers/7.cim Files/Windows/System32/config/SAM",
     "read a hive that is in an image"},
}};

}  // namespace
}  // namespace hive_dump_verb

constinit const Verb kHiveDumpVerb = {
    .name = "hive dump",
    .summary = "print the keys and values of a registry hive",
    .description =
        "Prints keys and values in the format of registry editor exports (.reg). Text and numbers "
        "are written as such where reading them again gives the same data, everything else as "
        "bytes. In the delta hive of a layer, [-KEY] is a deleted key and \"NAME\"=- a deleted "
        "value.\n\n"
        "The format cannot express the class, time, flags and security descriptor of a key; "
        "--comments shows them. Keys and values whose names contain line breaks are omitted with "
        "a comment, and the exit status is 1.\n\n"
        "With --json, prints one object per key, each on its own line, with its path, time, "
        "flags, class, security descriptor and values. The data of a value is hexadecimal, and "
        "decoded as text, number or strings where its type and size allow that.",
    .examples = hive_dump_verb::kExamples,
    .json = JsonOutput::kSupported,
    .prepare = hive_dump_verb::prepare,
};

}  // namespace cim::cli
