// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "cli/suggestions.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace cim::cli {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

const std::vector<std::string> kWords = {"ls",    "tree",         "stat",
                                         "layer", "layer import", "--recursive"};

TEST(Suggestions, FindAWordWithOneLetterTooManyTooFewOrOther) {
  EXPECT_THAT(similar_words("trees", kWords), ElementsAre("tree"));
  EXPECT_THAT(similar_words("tre", kWords), ElementsAre("tree"));
  EXPECT_THAT(similar_words("trie", kWords), ElementsAre("tree"));
}

TEST(Suggestions, CountATranspositionAsOneDifference) {
  EXPECT_THAT(similar_words("tsat", kWords), ElementsAre("stat"));
  EXPECT_THAT(similar_words("--recusrive", kWords), ElementsAre("--recursive"));
}

TEST(Suggestions, FindTheRestOfAWord) {
  EXPECT_THAT(similar_words("lay", kWords), ElementsAre("layer", "layer import"));
  EXPECT_THAT(similar_words("l", kWords), IsEmpty());
}

TEST(Suggestions, OmitWordsThatDifferInMoreThanAThird) {
  EXPECT_THAT(similar_words("frobnicate", kWords), IsEmpty());
  EXPECT_THAT(similar_words("", kWords), IsEmpty());
}

TEST(Suggestions, OmitAllForAVeryLongWord) {
  EXPECT_THAT(similar_words(std::string(100'000, 'l'), kWords), IsEmpty());
}

TEST(Suggestions, AreAQuestion) {
  EXPECT_EQ(did_you_mean({}), "");
  EXPECT_EQ(did_you_mean({"ls"}), "; did you mean 'ls'?");
  EXPECT_EQ(did_you_mean({"layer import", "oci import"}),
            "; did you mean 'layer import' or 'oci import'?");
}

}  // namespace
}  // namespace cim::cli
