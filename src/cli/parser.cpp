// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include <algorithm>
#include <charconv>
#include <iterator>
#include <list>
#include <map>
#include <utility>

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include "cli/command_line.h"
#include "cli/completion_words.h"
#include "cli/documentation.h"
#include "cli/suggestions.h"

namespace cim::cli {
namespace {

// A verb while the command line is parsed.
struct Candidate {
  const Verb* verb = nullptr;
  CLI::App* app = nullptr;
  Parameters parameters;
  Action action;
  std::vector<std::string> arguments;  ///< positional ones, in order
};

// CLI11 splits a word such as "[a,b]" into several. A character that no command line can have, put
// before it, keeps it whole.
constexpr char kWholeWord = '\0';

std::vector<std::string> reversed_whole_words(const std::vector<std::string>& arguments) {
  std::vector<std::string> words(arguments.rbegin(), arguments.rend());
  for (std::string& word : words) {
    if (word.starts_with('[') && word.ends_with(']')) {
      word.insert(word.begin(), kWholeWord);
    }
  }
  return words;
}

std::string original_word(const std::string& word) {
  return word.starts_with(kWholeWord) ? word.substr(1) : word;
}

std::uint64_t to_number(std::string_view text, const Parameter& parameter) {
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) {
    throw UsageError{fmt::format("{}: '{}' is not a number", parameter.names, text)};
  }
  return number;
}

// Stores a value in the variable that the verb declared for the parameter.
void fill(const Parameter& parameter, const std::string& value) {
  if (!parameter.choices.empty() &&
      std::ranges::find(parameter.choices, value) == parameter.choices.end()) {
    throw UsageError{fmt::format("{}: '{}' is not one of {}", parameter.names, value,
                                 fmt::join(parameter.choices, ", "))};
  }
  struct Filler {
    const Parameter& parameter;
    const std::string& value;
    void operator()(bool* into) const { *into = true; }
    void operator()(std::string* into) const { *into = value; }
    void operator()(std::optional<std::string>* into) const { *into = value; }
    void operator()(std::optional<std::uint64_t>* into) const {
      *into = to_number(value, parameter);
    }
    void operator()(std::vector<std::string>* into) const { into->push_back(value); }
  };
  std::visit(Filler{parameter, value}, parameter.target);
}

void add_option(CLI::App& app, const Parameter& parameter) {
  const std::string names(parameter.names);
  if (parameter.is_flag()) {
    app.add_flag_callback(names, [parameter] { fill(parameter, {}); });
    return;
  }
  const auto fill_all = [parameter](const CLI::results_t& values) {
    for (const std::string& value : values) {
      fill(parameter, original_word(value));
    }
    return true;
  };
  CLI::Option* option = app.add_option(names, fill_all)->type_size(1);
  // One value per occurrence, never the words that follow.
  option->allow_extra_args(false);
  if (parameter.may_repeat()) {
    option->expected(1, CLI::detail::expected_max_vector_size);
    option->allow_extra_args(false);
  }
}

// Positional arguments are only collected here; assign_arguments() gives them their meaning.
void add_parameters(Candidate& candidate) {
  std::size_t positional = 0;
  for (const Parameter& parameter : candidate.parameters.all()) {
    if (!parameter.is_positional()) {
      add_option(*candidate.app, parameter);
      continue;
    }
    const auto collect = [&candidate](const CLI::results_t& values) {
      std::ranges::transform(values, std::back_inserter(candidate.arguments), original_word);
      return true;
    };
    CLI::Option* const option =
        candidate.app->add_option(fmt::format("argument{}", positional++), collect)->type_size(1);
    if (parameter.may_repeat()) {
      option->expected(1, CLI::detail::expected_max_vector_size)->allow_extra_args();
    }
  }
}

// Assigns the words to the parameters, required ones first.
void assign_arguments(const Candidate& candidate) {
  std::vector<const Parameter*> wanted;
  for (const Parameter& parameter : candidate.parameters.all()) {
    if (parameter.is_positional()) {
      wanted.push_back(&parameter);
    }
  }
  const auto required = std::ranges::count_if(wanted, &Parameter::is_required);
  const auto given = std::ssize(candidate.arguments);
  auto spare = std::max<std::ptrdiff_t>(given - required, 0);
  auto next = candidate.arguments.begin();
  for (const Parameter* parameter : wanted) {
    if (!parameter->is_required && spare-- <= 0) {
      continue;
    }
    if (next == candidate.arguments.end()) {
      throw UsageError{fmt::format("{} is missing", parameter->names),
                       std::string(candidate.verb->name)};
    }
    fill(*parameter, *next++);
    while (parameter->may_repeat() && spare-- > 0) {
      fill(*parameter, *next++);
    }
  }
}

// The verbs that were probably meant: those that resemble the name, and those of a group whose
// second word it is.
std::vector<std::string> meant_verbs(const std::string& name) {
  std::vector<std::string> known;
  std::vector<std::string> same_word;
  for (const Verb* verb : all_verbs()) {
    known.emplace_back(verb->name);
    if (verb->name.ends_with(" " + name)) {
      same_word.emplace_back(verb->name);
    }
  }
  for (const VerbGroup& group : verb_groups()) {
    known.emplace_back(group.name);
  }
  return same_word.empty() ? similar_words(name, known) : same_word;
}

class CommandLineParser {
 public:
  CommandLineParser() {
    root_.allow_windows_style_options(false);  // "/dir" is a path everywhere
    root_.require_subcommand(1);
    root_.fallthrough();
    root_.set_help_flag(std::string(kHelp.names));
    root_.add_flag(std::string(kVersionFlag.names), version_);
    declare_global_options(global_parameters_, options_);
    for (const Parameter& parameter : global_parameters_.all()) {
      add_option(root_, parameter);
    }
    for (const Verb* verb : all_verbs()) {
      add_verb(*verb);
    }
  }

  std::variant<Invocation, HelpWanted, VersionWanted> parse(
      const std::vector<std::string>& arguments) {
    try {
      // CLI11 expects the words in reverse order.
      root_.parse(reversed_whole_words(arguments));
    } catch (const CLI::CallForHelp&) {
      return help_wanted();
    } catch (const CLI::ParseError& error) {
      if (version_) {
        return VersionWanted{options_.json};
      }
      explain(error, arguments);
    } catch (UsageError& error) {  // an invalid value
      error.topic = topic();
      throw;
    }
    if (version_) {
      return VersionWanted{options_.json};
    }
    return invocation();
  }

 private:
  // "layer import" becomes a subcommand of a subcommand.
  void add_verb(const Verb& verb) {
    Candidate& candidate = candidates_.emplace_back();
    candidate.verb = &verb;
    candidate.action = verb.prepare(candidate.parameters);
    const std::size_t space = verb.name.find(' ');
    const bool grouped = space != std::string_view::npos;
    CLI::App& parent = grouped ? group(verb.name.substr(0, space)) : root_;
    candidate.app =
        parent.add_subcommand(std::string(grouped ? verb.name.substr(space + 1) : verb.name));
    candidate.app->fallthrough();
    add_parameters(candidate);
  }

  // Returns the subcommand of a group, adding it with its first verb.
  CLI::App& group(std::string_view name) {
    CLI::App*& app = groups_[std::string(name)];
    if (app == nullptr) {
      app = root_.add_subcommand(std::string(name));
      app->require_subcommand(1);
      app->fallthrough();
    }
    return *app;
  }

  const Candidate* chosen() const {
    const auto found =
        std::ranges::find_if(candidates_, [](const Candidate& c) { return c.app->parsed(); });
    return found == candidates_.end() ? nullptr : &*found;
  }

  std::string chosen_group() const {
    const auto found =
        std::ranges::find_if(groups_, [](const auto& g) { return g.second->parsed(); });
    return found == groups_.end() ? std::string() : found->first;
  }

  HelpWanted help_wanted() const {
    const Candidate* candidate = chosen();
    return {candidate == nullptr ? nullptr : candidate->verb, chosen_group()};
  }

  // Checks what concerns the parameters of a verb together with the global options.
  Invocation invocation() const {
    const Candidate& candidate = *chosen();
    assign_arguments(candidate);
    if (options_.json && candidate.verb->json == JsonOutput::kNone) {
      throw UsageError{fmt::format("'{}' does not support --json", candidate.verb->name), topic()};
    }
    if (options_.quiet && options_.verbose) {
      throw UsageError{"--quiet and --verbose cannot be used together", topic()};
    }
    return {candidate.verb, candidate.action, options_};
  }

  // The verb or group that the line has reached.
  std::string topic() const {
    const Candidate* const candidate = chosen();
    return candidate == nullptr ? chosen_group() : std::string(candidate->verb->name);
  }

  // CLI11 reports a word that is not a verb as a missing subcommand; the message names the word
  // instead, and the known words that resemble it.
  [[noreturn]] void explain(const CLI::ParseError& error,
                            const std::vector<std::string>& arguments) const {
    if (dynamic_cast<const CLI::RequiredError*>(&error) != nullptr && chosen() == nullptr) {
      explain_verb(arguments);
    }
    const auto extras = root_.remaining(/*recurse=*/true);
    if (dynamic_cast<const CLI::ExtrasError*>(&error) != nullptr && !extras.empty()) {
      explain_extra(original_word(extras.front()));
    }
    throw UsageError{error.what(), topic()};
  }

  [[noreturn]] void explain_verb(const std::vector<std::string>& arguments) const {
    const std::string group = chosen_group();
    const auto word = std::ranges::find_if(
        arguments, [&](const std::string& w) { return !w.starts_with('-') && w != group; });
    if (word == arguments.end()) {
      throw UsageError{group.empty() ? "a verb is missing" : group + ": a verb is missing", group};
    }
    throw UsageError{unknown_verb(group.empty() ? *word : group + " " + *word), group};
  }

  [[noreturn]] void explain_extra(const std::string& word) const {
    if (!word.starts_with('-')) {
      throw UsageError{fmt::format("'{}' is one argument too many", word), topic()};
    }
    const std::string name = word.substr(0, word.find('='));
    const Candidate* const candidate = chosen();
    const auto known =
        option_words(candidate == nullptr ? global_parameters() : options_of(*candidate->verb));
    throw UsageError{
        fmt::format("{} is not an option{}", name, did_you_mean(similar_words(name, known))),
        topic()};
  }

  CLI::App root_;
  bool version_ = false;
  GlobalOptions options_;
  Parameters global_parameters_;
  std::list<Candidate> candidates_;  // a list, since CLI11 keeps references
  std::map<std::string, CLI::App*> groups_;
};

}  // namespace

std::string unknown_verb(const std::string& name) {
  return fmt::format("'{}' is not a verb{}", name, did_you_mean(meant_verbs(name)));
}

std::variant<Invocation, HelpWanted, VersionWanted> parse(
    const std::vector<std::string>& arguments) {
  return CommandLineParser().parse(arguments);
}

}  // namespace cim::cli
