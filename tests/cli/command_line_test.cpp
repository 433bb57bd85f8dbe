// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cimlib/version.h"

#include "cli/command_table.h"
#include "cli/help_text.h"
#include "cli/run_cim.h"

namespace cim::cli::test {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

TEST(CommandLine, ShowsItsVersion) {
  const Outcome outcome = run_cim({"--version"});
  EXPECT_EQ(outcome.status, kSuccess);
  EXPECT_EQ(outcome.output, "cim " + std::string(kVersion) + "\n");
  EXPECT_EQ(outcome.errors, "");
}

TEST(CommandLine, HelpListsEveryVerb) {
  const Outcome outcome = run_cim({"--help"});
  EXPECT_EQ(outcome.status, kSuccess);
  for (const Verb* verb : all_verbs()) {
    EXPECT_THAT(outcome.output, HasSubstr("\n  " + std::string(verb->name) + " "));
  }
}

TEST(CommandLine, HelpOfEveryVerbShowsItsParametersAndExamples) {
  for (const Verb* verb : all_verbs()) {
    std::vector<std::string> arguments;
    const std::string name(verb->name);
    const std::size_t space = name.find(' ');
    if (space == std::string::npos) {
      arguments = {name, "--help"};
    } else {
      arguments = {name.substr(0, space), name.substr(space + 1), "--help"};
    }
    const Outcome outcome = run_cim(arguments);
    EXPECT_EQ(outcome.status, kSuccess) << name;
    EXPECT_THAT(outcome.output, StartsWith("Usage: cim " + name));
    EXPECT_THAT(outcome.output, HasSubstr("\nExamples:\n  cim ")) << name;
    for (const Parameter& parameter : parameters_of(*verb)) {
      EXPECT_THAT(outcome.output, HasSubstr("\n  " + shown_names(parameter))) << name;
    }
  }
}

TEST(CommandLine, EveryVerbHasASummaryDescriptionAndExamples) {
  for (const Verb* verb : all_verbs()) {
    EXPECT_FALSE(verb->examples.empty()) << verb->name;
    EXPECT_FALSE(verb->summary.ends_with('.')) << verb->name;
    EXPECT_TRUE(verb->description.ends_with('.')) << verb->name;
    for (const Parameter& parameter : parameters_of(*verb)) {
      EXPECT_FALSE(parameter.help.ends_with('.')) << verb->name << " " << parameter.names;
    }
  }
}

TEST(CommandLine, WithoutVerbIsWrongUsage) {
  const Outcome outcome = run_cim({});
  EXPECT_EQ(outcome.status, kUsage);
  EXPECT_EQ(outcome.output, "");
  EXPECT_EQ(outcome.errors, "cim: a verb is missing (see 'cim --help')\n");
}

TEST(CommandLine, UnknownVerbIsWrongUsage) {
  const Outcome outcome = run_cim({"frobnicate"});
  EXPECT_EQ(outcome.status, kUsage);
  EXPECT_EQ(outcome.errors, "cim: 'frobnicate' is not a verb (see 'cim --help')\n");
}

TEST(CommandLine, UnknownOptionIsWrongUsage) {
  const Outcome outcome = run_cim({"help", "--frobnicate"});
  EXPECT_EQ(outcome.status, kUsage);
  EXPECT_THAT(outcome.errors, HasSubstr("--frobnicate"));
}

TEST(CommandLine, SurplusArgumentIsWrongUsage) {
  const Outcome outcome = run_cim({"help", "a", "b", "c"});
  EXPECT_EQ(outcome.status, kUsage);
  EXPECT_THAT(outcome.errors, HasSubstr("c"));
}

TEST(CommandLine, UnsupportedJsonIsWrongUsage) {
  EXPECT_EQ(run_cim({"--json", "help"}).status, kUsage);
  EXPECT_EQ(run_cim({"help", "--json"}).status, kUsage);
}

TEST(CommandLine, QuietAndVerboseExcludeEachOther) {
  EXPECT_EQ(run_cim({"-q", "help", "-v"}).status, kUsage);
}

TEST(CommandLine, FullDiskUnderStandardOutputIsAFailure) {
  FailingSink sink(FailingSink::Fault::kFullDisk);
  const Outcome outcome = run_cim_into(sink, {"--version"});
  EXPECT_EQ(outcome.status, kFailure);
  EXPECT_EQ(outcome.errors, "cim: standard output: cannot write: No space left on device\n");
}

TEST(CommandLine, BrokenPipeIsAFailureWithoutAMessage) {
  FailingSink sink(FailingSink::Fault::kBrokenPipe);
  const Outcome outcome = run_cim_into(sink, {"--help"});
  EXPECT_EQ(outcome.status, kFailure);
  EXPECT_EQ(outcome.errors, "");
}

TEST(CommandLine, HelpFitsTheWidthOfTheTerminal) {
  const Outcome outcome = run_cim({"help", "help"}, {.output = {.is_terminal = true, .width = 50}});
  std::size_t start = 0;
  while (start < outcome.output.size()) {
    const std::size_t end = outcome.output.find('\n', start);
    const std::string line = outcome.output.substr(start, end - start);
    EXPECT_TRUE(line.size() <= 50 || line.starts_with("Usage:")) << line;
    start = end + 1;
  }
}

}  // namespace
}  // namespace cim::cli::test
