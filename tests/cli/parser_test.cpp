// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "cli/parser.h"

#include <gtest/gtest.h>

namespace cim::cli {
namespace {

const Invocation* as_invocation(const std::variant<Invocation, HelpWanted, VersionWanted>& answer) {
  return std::get_if<Invocation>(&answer);
}

TEST(Parser, TakesGlobalOptionsBeforeAndAfterTheVerb) {
  for (const auto& arguments :
       {std::vector<std::string>{"-q", "help"}, std::vector<std::string>{"help", "-q"},
        std::vector<std::string>{"help", "--quiet"}}) {
    const auto answer = parse(arguments);
    ASSERT_NE(as_invocation(answer), nullptr);
    EXPECT_TRUE(as_invocation(answer)->options.quiet);
    EXPECT_FALSE(as_invocation(answer)->options.verbose);
  }
}

TEST(Parser, VersionNeedsNoVerb) {
  EXPECT_TRUE(std::holds_alternative<VersionWanted>(parse({"--version"})));
  EXPECT_TRUE(std::holds_alternative<VersionWanted>(parse({"help", "--version"})));
}

TEST(Parser, HelpAfterAVerbIsAboutTheVerb) {
  const auto answer = parse({"help", "--help"});
  const auto* wanted = std::get_if<HelpWanted>(&answer);
  ASSERT_NE(wanted, nullptr);
  ASSERT_NE(wanted->verb, nullptr);
  EXPECT_EQ(wanted->verb->name, "help");
}

TEST(Parser, NamesOfVerbsMayBeArguments) {
  const auto answer = parse({"help", "help"});
  ASSERT_NE(as_invocation(answer), nullptr);
}

TEST(Parser, TwoDashesEndTheOptions) {
  const auto answer = parse({"help", "--", "--man"});
  ASSERT_NE(as_invocation(answer), nullptr);
  EXPECT_FALSE(as_invocation(answer)->options.quiet);
}

}  // namespace
}  // namespace cim::cli
