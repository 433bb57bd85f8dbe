// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
// Pages are in the man macros, which mandoc and groff both understand. They are checked in under
// docs/man, so that a package can be built without running the program.
#include <fmt/format.h>

#include "cimlib/version.h"

#include "cli/documentation.h"
#include "cli/verb.h"

namespace cim::cli {
namespace {

// A hyphen that is typed must stay one, and a line must not begin with a control character.
std::string escaped(std::string_view text) {
  std::string roff;
  for (const char c : text) {
    const bool starts_line = roff.empty() || roff.back() == '\n';
    if (c == '\\') {
      roff += "\\e";
    } else if (c == '-') {
      roff += "\\-";
    } else {
      roff += starts_line && (c == '.' || c == '\'') ? fmt::format("\\&{}", c) : std::string(1, c);
    }
  }
  return roff;
}

// Empty lines separate paragraphs in a description.
std::string paragraphs(std::string_view text) {
  std::string roff;
  while (!text.empty()) {
    const std::size_t end = text.find("\n\n");
    roff += ".PP\n" + escaped(text.substr(0, end)) + "\n";
    text = end == std::string_view::npos ? std::string_view() : text.substr(end + 2);
  }
  return roff;
}

// Converts ASCII letters only; names of verbs have no others.
std::string upper_case(std::string_view name) {
  std::string text(name);
  for (char& c : text) {
    c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  }
  return text;
}

// Without a date, so that the page does not change when nothing in it does.
std::string title(std::string_view name) {
  return fmt::format(
      ".\\\" Made by 'cim help --man'; do not edit.\n"
      ".TH {} 1 \"\" \"cimlib {}\" \"cim manual\"\n",
      escaped(name), kVersion);
}

std::string section(std::string_view name) {
  return fmt::format(".SH {}\n", name);
}

std::string bold(std::string_view text) {
  return fmt::format("\\fB{}\\fR", escaped(text));
}

// A phrase as a sentence.
std::string sentence(std::string_view phrase) {
  std::string text(phrase);
  text.replace(0, 1, upper_case(text.substr(0, 1)));
  return escaped(text) + ".";
}

std::string definition(std::string_view term, std::string_view phrase) {
  return fmt::format(".TP\n{}\n{}\n", bold(term), sentence(phrase));
}

std::string definitions(const std::vector<Parameter>& parameters) {
  std::string roff;
  for (const Parameter& parameter : parameters) {
    roff += definition(shown_names(parameter), shown_help(parameter));
  }
  return roff;
}

// Verbs that look for something have the statuses of diff(1).
std::string exit_status(StatusMeaning status) {
  if (status == StatusMeaning::kFindings) {
    return section("EXIT STATUS") + definition("0", "no difference or error was found") +
           definition("1", "differences or errors were found") +
           definition("2", "failure, with a message on standard error, or invalid command line");
  }
  return section("EXIT STATUS") + definition("0", "success") +
         definition("1", "failure, with a message on standard error") +
         definition("2", "invalid command line");
}

std::string examples(const Verb& verb) {
  std::string roff = section("EXAMPLES");
  for (const Example& example : verb.examples) {
    roff += definition(example.command, example.meaning);
  }
  return roff;
}

}  // namespace

std::string man_page_name(const Verb& verb) {
  std::string name = fmt::format("cim-{}", verb.name);
  for (char& c : name) {
    c = c == ' ' ? '-' : c;
  }
  return name;
}

std::string man_page_of(const Verb& verb) {
  const std::string name = man_page_name(verb);
  auto parameters = parameters_of(verb);
  const auto common = global_parameters_of(verb);
  parameters.insert(parameters.end(), common.begin(), common.end());
  return title(name) + section("NAME") +
         fmt::format("{} \\- {}\n", escaped(name), escaped(verb.summary)) + section("SYNOPSIS") +
         bold(synopsis(verb)) + "\n" + section("DESCRIPTION") + paragraphs(verb.description) +
         section("OPTIONS") + definitions(parameters) + exit_status(verb.status) + examples(verb) +
         section("SEE ALSO") + "\\fBcim\\fR(1)\n";
}

std::string man_page_of_program() {
  std::string verbs;
  for (const Verb* verb : all_verbs()) {
    verbs += definition(man_page_name(*verb) + "(1)", verb->summary);
  }
  return title("cim") + section("NAME") + "cim \\- CIM images and Windows container layers\n" +
         section("SYNOPSIS") + "\\fBcim\\fR \\fIVERB\\fR [\\fIARGUMENT\\fR...]\n" +
         section("DESCRIPTION") +
         paragraphs(
             "Reads, creates, checks and mounts CIM images and the Windows container "
             "layers stored in them.\n\nNames in a path inside an image are separated by "
             "/ or \\. A leading separator is optional, and case is ignored.") +
         section("VERBS") + verbs + section("OPTIONS") + definitions(global_parameters()) +
         exit_status(StatusMeaning::kDone) +
         paragraphs(
             "The verbs check, diff and hive check exit with 0 if they find nothing, 1 if "
             "they find errors or differences, and 2 on failure.\n\nOn SIGINT, SIGTERM or "
             "SIGHUP the program removes its unfinished output and terminates itself with "
             "the same signal, so that a shell stops its loop; a second signal terminates it "
             "immediately. If standard output is a closed pipe, it exits with 1 (2 for the "
             "verbs above) and without a message. Any other error in writing the output "
             "is a failure.");
}

}  // namespace cim::cli
