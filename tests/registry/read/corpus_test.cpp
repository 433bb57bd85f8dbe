// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include <fstream>

#include <gtest/gtest.h>

#include "cimlib/hive.h"

#include "registry/hive_truth.h"

namespace cim::registry {
namespace {

constexpr const char* kNoCorpus = "CIMLIB_CORPUS does not name a directory of the corpus generator";

/// Returns the path of a layer's hive in its tar.
std::string member_of(const std::string& name) {
  if (name == "NTUSER") {
    return "Files/Users/Default/NTUSER.DAT";
  }
  return "Files/Windows/System32/config/" + (name == "BCD" ? std::string("BCD-Template") : name);
}

nlohmann::json manifest() {
  std::ifstream file(test::corpus().value() / "manifest.json");
  // The entries of the stages make up most of the file and are not needed here.
  const auto skip_stages = [](int depth, nlohmann::json::parse_event_t event,
                              nlohmann::json& parsed) {
    return !(depth == 1 && event == nlohmann::json::parse_event_t::key && parsed == "stages");
  };
  return nlohmann::json::parse(file, skip_stages);
}

TEST(Corpus, BaseHivesMatchTheirDescription) {
  if (!test::corpus()) {
    GTEST_SKIP() << kNoCorpus;
  }
  const nlohmann::json all = manifest();
  for (const auto& [name, facts] : all["hives"]["base"].items()) {
    const Hive hive =
        Hive::from_bytes(test::corpus_member("base/layer.tar", member_of(name)), name);
    EXPECT_EQ(hive.key_count(), facts["keys"]) << name;
    EXPECT_EQ(hive.value_count(), facts["values"]) << name;
    test::expect_same_truth(test::read_truth(*test::corpus() / std::string(facts["file"])),
                            test::truth_of(hive), name);
  }
}

TEST(Corpus, DeltaHivesMatchTheirDescription) {
  if (!test::corpus()) {
    GTEST_SKIP() << kNoCorpus;
  }
  const nlohmann::json all = manifest();
  for (const auto& [layer, hives] : all["delta_hives"].items()) {
    for (const auto& [name, facts] : hives.items()) {
      const Hive hive =
          Hive::from_bytes(test::corpus_member(layer + "/layer.tar", facts["path"]), name);
      EXPECT_TRUE(hive.is_layered());
      test::expect_same_truth(test::read_truth(*test::corpus() / std::string(facts["file"])),
                              test::truth_of(hive), layer + " " + name);
    }
  }
}

Hive merge_of(const Hive& base, const Hive& delta) {
  return Hive::from_bytes(merge(base, delta, {}, "merged").bytes, "merged");
}

TEST(Corpus, MergedHivesMatchTheirDescription) {
  if (!test::corpus()) {
    GTEST_SKIP() << kNoCorpus;
  }
  const nlohmann::json facts = manifest();
  for (const auto& [name, due] : facts["hives"]["base+child"].items()) {
    Hive hive = Hive::from_bytes(test::corpus_member("base/layer.tar", member_of(name)), name);
    std::string stage = "base";
    for (const std::string layer : {"child", "grandchild"}) {
      stage += "+" + layer;
      if (facts["delta_hives"][layer].contains(name)) {
        const std::string path = facts["delta_hives"][layer][name]["path"];
        hive =
            merge_of(hive, Hive::from_bytes(test::corpus_member(layer + "/layer.tar", path), path));
      }
      const std::string file = facts["hives"][stage][name]["file"];
      test::expect_same_truth(test::read_truth(*test::corpus() / file), test::truth_of(hive),
                              stage + " " + name);
    }
  }
}

}  // namespace
}  // namespace cim::registry
