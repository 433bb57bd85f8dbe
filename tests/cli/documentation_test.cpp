// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
// The manual pages and the completion script in the tree are those that the program generates.

#include "cli/documentation.h"

#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cli/verb.h"

namespace cim::cli {
namespace {

const std::filesystem::path kSource = CIMLIB_SOURCE_DIR;

std::string text_of(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

// Returns the names of an option as in the source of a manual page.
std::string in_roff(std::string text) {
  for (std::size_t at = text.find('-'); at != std::string::npos; at = text.find('-', at + 2)) {
    text.insert(at, "\\");
  }
  return text;
}

TEST(Documentation, ManualIsUpToDate) {
  EXPECT_EQ(text_of(kSource / "docs/man/cim.1"), man_page_of_program())
      << "build the target 'documentation'";
  for (const Verb* verb : all_verbs()) {
    EXPECT_EQ(text_of(kSource / "docs/man" / (man_page_name(*verb) + ".1")), man_page_of(*verb))
        << "build the target 'documentation'";
  }
}

TEST(Documentation, ManualHasNoSurplusPage) {
  std::set<std::string> expected = {"cim.1"};
  for (const Verb* verb : all_verbs()) {
    expected.insert(man_page_name(*verb) + ".1");
  }
  std::set<std::string> found;
  for (const auto& entry : std::filesystem::directory_iterator(kSource / "docs/man")) {
    found.insert(entry.path().filename().string());
  }
  EXPECT_EQ(found, expected);
}

TEST(Documentation, CompletionIsUpToDate) {
  const std::string remedy = "build the target 'documentation'";
  EXPECT_EQ(text_of(kSource / "completion/cim.bash"), bash_completion()) << remedy;
  EXPECT_EQ(text_of(kSource / "completion/_cim"), zsh_completion()) << remedy;
  EXPECT_EQ(text_of(kSource / "completion/cim.fish"), fish_completion()) << remedy;
}

TEST(Options, AreTheSameInHelpManualAndCompletion) {
  const std::string completion = bash_completion();
  for (const Verb* verb : all_verbs()) {
    auto parameters = parameters_of(*verb);
    const auto common = global_parameters_of(*verb);
    parameters.insert(parameters.end(), common.begin(), common.end());
    const std::string help = help_of(*verb, 80);
    const std::string manual = man_page_of(*verb);
    const std::size_t at = completion.find("'" + std::string(verb->name) + "') words='");
    ASSERT_NE(at, std::string::npos) << verb->name;
    const std::string offered = completion.substr(at, completion.find('\n', at) - at);
    for (const Parameter& parameter : parameters) {
      EXPECT_THAT(help, testing::HasSubstr("\n  " + shown_names(parameter)));
      EXPECT_THAT(manual, testing::HasSubstr("\n\\fB" + in_roff(shown_names(parameter))));
      if (!parameter.is_positional()) {
        const std::string_view last = parameter.names.substr(parameter.names.rfind(',') + 1);
        EXPECT_THAT(offered, testing::HasSubstr(std::string(last)));
      }
    }
  }
}

}  // namespace
}  // namespace cim::cli
