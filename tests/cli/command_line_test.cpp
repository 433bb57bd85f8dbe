// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "cimlib/version.h"

#include "cli/documentation.h"
#include "cli/run_cim.h"
#include "cli/verb.h"

namespace cim::cli::test {
namespace {

using testing::ContainsRegex;
using testing::HasSubstr;
using testing::StartsWith;

TEST(CommandLine, ShowsItsVersion) {
  const Outcome outcome = run_cim({"--version"});
  EXPECT_EQ(outcome.status, kSuccess);
  EXPECT_THAT(outcome.output, StartsWith("cim " + std::string(kVersion) + "\n"));
  EXPECT_EQ(outcome.errors, "");
}

TEST(CommandLine, ShowsEveryFeatureWithItsVersion) {
  const Outcome text = run_cim({"--version"});
  const Outcome json = run_cim({"--version", "--json"});
  EXPECT_EQ(json.status, kSuccess);
  const auto parsed = nlohmann::json::parse(json.output);
  EXPECT_EQ(parsed["version"].get<std::string>(), kVersion);
  EXPECT_EQ(parsed["features"].size(), features().size());
  for (const Feature& feature : features()) {
    EXPECT_EQ(parsed["features"].at(std::string(feature.name)).get<bool>(), feature.is_present);
    EXPECT_EQ(has_feature(feature.name), feature.is_present);
    const std::string line = feature.is_present ? "\nfeatures:.* " : "\nleft out:.* ";
    EXPECT_THAT(text.output, ContainsRegex(line + std::string(feature.name)));
  }
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

TEST(CommandLine, UnknownVerbIsComparedWithTheKnownOnes) {
  EXPECT_EQ(run_cim({"lss", "a.cim"}).errors,
            "cim: 'lss' is not a verb; did you mean 'ls'? (see 'cim --help')\n");
  EXPECT_EQ(run_cim({"layer", "imprt"}).errors,
            "cim: 'layer imprt' is not a verb; did you mean 'layer import'? "
            "(see 'cim layer --help')\n");
  EXPECT_EQ(run_cim({"help", "tre"}).errors,
            "cim: 'tre' is not a verb; did you mean 'tree'? (see 'cim help --help')\n");
}

TEST(CommandLine, SecondWordOfAVerbAloneIsCompletedToVerbs) {
  EXPECT_EQ(run_cim({"destroy"}).errors,
            "cim: 'destroy' is not a verb; did you mean 'layer destroy'? (see 'cim --help')\n");
}

TEST(CommandLine, UnknownOptionIsWrongUsage) {
  const Outcome outcome = run_cim({"help", "--frobnicate"});
  EXPECT_EQ(outcome.status, kUsage);
  EXPECT_EQ(outcome.errors, "cim: --frobnicate is not an option (see 'cim help --help')\n");
}

TEST(CommandLine, UnknownOptionIsComparedWithThoseOfTheVerb) {
  EXPECT_EQ(run_cim({"ls", "--recursiv=yes", "a.cim"}).errors,
            "cim: --recursiv is not an option; did you mean '--recursive'? "
            "(see 'cim ls --help')\n");
}

TEST(CommandLine, SurplusArgumentIsWrongUsage) {
  const Outcome outcome = run_cim({"help", "a", "b", "c"});
  EXPECT_EQ(outcome.status, kUsage);
  EXPECT_EQ(outcome.errors, "cim: 'c' is one argument too many (see 'cim help --help')\n");
  EXPECT_THAT(run_cim({"help", "a", "b", "[c,d]"}).errors,
              HasSubstr("cim: '[c,d]' is one argument too many"));
}

TEST(CommandLine, InvalidValueNamesTheHelpOfItsVerb) {
  EXPECT_THAT(run_cim({"tree", "--depth", "x", "a.cim"}).errors,
              HasSubstr("(see 'cim tree --help')"));
}

TEST(CommandLine, FailureIsAJsonObjectIfTheOutputIsJson) {
  const Outcome outcome = run_cim({"--json", "ls", "/nonexistent.cim"});
  EXPECT_EQ(outcome.status, kFailure);
  EXPECT_EQ(outcome.output, "");
  EXPECT_EQ(outcome.errors,
            R"({"error":{"code":"not-found","subject":"/nonexistent.cim",)"
            R"("reason":"cannot open: No such file or directory",)"
            R"("message":"/nonexistent.cim: cannot open: No such file or directory"}})"
            "\n");
}

TEST(CommandLine, WrongUsageIsAJsonObjectIfTheOutputIsJson) {
  EXPECT_EQ(run_cim({"ls", "--json"}).errors,
            R"({"error":{"code":"usage","reason":"IMAGE is missing",)"
            R"("message":"IMAGE is missing","help":"cim ls --help"}})"
            "\n");
  EXPECT_THAT(run_cim({"ls", "--", "--json"}).errors, StartsWith("cim: "));
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
