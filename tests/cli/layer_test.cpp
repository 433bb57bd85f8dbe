// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "cli/run_cim.h"

namespace cim::cli::test {
namespace {

TEST(LayerPathVerb, WritesThePathOfTheImage) {
  EXPECT_EQ(run_cim({"layer", "path", "store/7"}).output, "store/cim-layers/7.cim\n");
}

TEST(LayerPathVerb, AsJson) {
  const auto answer = nlohmann::json::parse(run_cim({"layer", "path", "--json", "/s/7/"}).output);
  EXPECT_EQ(answer["name"], "7.cim");
  EXPECT_EQ(answer["directory"], "/s/cim-layers");
  EXPECT_EQ(answer["image"], "/s/cim-layers/7.cim");
  EXPECT_EQ(answer["exists"], false);
}

TEST(LayerVerbs, AreListedByTheirGroup) {
  EXPECT_THAT(run_cim({"layer", "--help"}).output, testing::HasSubstr("\n  layer path "));
  const Outcome outcome = run_cim({"layer"});
  EXPECT_EQ(outcome.status, kUsage);
  EXPECT_EQ(outcome.errors, "cim: layer: a verb is missing (see 'cim --help')\n");
  EXPECT_EQ(run_cim({"layer", "nope"}).errors, "cim: 'layer nope' is no verb (see 'cim --help')\n");
}

}  // namespace
}  // namespace cim::cli::test
