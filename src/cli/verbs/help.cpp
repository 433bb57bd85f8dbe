// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include <algorithm>
#include <array>
#include <memory>
#include <optional>
#include <string>

#include <fmt/format.h>

#include "cli/command_line.h"
#include "cli/documentation.h"
#include "cli/verb.h"

namespace cim::cli {
namespace help_verb {
namespace {

struct Options {
  std::optional<std::string> verb;
  std::optional<std::string> second_word;
  bool man = false;
  std::optional<std::string> shell;
  bool verbs = false;
};

std::string names_of_verbs() {
  std::string lines;
  for (const Verb* verb : all_verbs()) {
    lines += fmt::format("{}\n", verb->name);
  }
  return lines;
}

std::string completion_for(const std::string& shell) {
  if (shell == "zsh") {
    return zsh_completion();
  }
  return shell == "fish" ? fish_completion() : bash_completion();
}

// Options for generating files take precedence, then a verb, then a group of verbs.
std::string help_for(const Options& options, std::size_t width) {
  if (options.shell) {
    return completion_for(*options.shell);
  }
  if (options.verbs) {
    return names_of_verbs();
  }
  if (!options.verb) {
    return options.man ? man_page_of_program() : help_of_program(width);
  }
  std::string name = *options.verb;
  if (options.second_word) {
    name += " " + *options.second_word;
  }
  if (const Verb* const verb = find_verb(name)) {
    return options.man ? man_page_of(*verb) : help_of(*verb, width);
  }
  const auto groups = verb_groups();
  if (options.man || std::ranges::find(groups, name, &VerbGroup::name) == groups.end()) {
    throw UsageError{unknown_verb(name)};
  }
  return help_of_group(name, width);
}

int run(const Options& options, Console& console) {
  const std::size_t width = std::clamp<std::size_t>(console.output_terminal().width, 40, 100);
  console.print(help_for(options, width));
  return kSuccess;
}

Action prepare(Parameters& parameters) {
  auto options = std::make_shared<Options>();
  parameters.optional("VERB", "the verb, or the first word of one that has two", options->verb,
                      Completes::kVerbs);
  parameters.optional("WORD", "the second word of the verb", options->second_word);
  parameters.flag("--man", "print the manual page as source for man(1)", options->man);
  parameters.option("--completion", "SHELL", "print the completion script for a shell",
                    &options->shell, Completes::kNothing, {"bash", "zsh", "fish"});
  parameters.flag("--verbs", "print the names of all verbs, one per line", options->verbs);
  return [options](Console& console) { return run(*options, console); };
}

constexpr std::array<Example, 3> kExamples = {{
    {"cim help", "list all verbs"},
    {"cim help layer import", "show help for layer import"},
    {"cim help --man ls | man -l -", "show the manual page of ls"},
}};

}  // namespace
}  // namespace help_verb

constinit const Verb kHelpVerb = {
    .name = "help",
    .summary = "show help for a verb",
    .description =
        "Shows what a verb does, its arguments and options, and examples. Without a verb, lists "
        "all verbs.",
    .examples = help_verb::kExamples,
    .prepare = help_verb::prepare,
};

}  // namespace cim::cli
