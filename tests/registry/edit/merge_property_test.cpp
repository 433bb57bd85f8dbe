// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
// Laws of merging, tried on random hives.

#include <random>

#include <gtest/gtest.h>

#include "cimlib/hive.h"

#include "registry/hive_truth.h"
#include "registry/layer_algebra.h"

namespace cim::registry {
namespace {

constexpr unsigned kRounds = 150;

Hive sound_merge(const Hive& base, const Hive& delta) {
  MergedHive result = merge(base, delta, {}, "merged");
  EXPECT_TRUE(check(result.bytes, {.min_severity = Severity::kNote}).findings.empty());
  return Hive::from_bytes(std::move(result.bytes), "merged");
}

/// Removes the attributes that the root keeps in a merge.
test::HiveTruth without_root_attributes(test::HiveTruth truth) {
  truth[""] = {{"values", truth[""]["values"]}};
  return truth;
}

class MergeLaws : public testing::Test {
 protected:
  /// Calls `law` with random hives until one violates it.
  template <typename Law>
  void try_out(Law&& law) {
    for (unsigned seed = 0; seed < kRounds && !HasFailure(); ++seed) {
      std::mt19937 random(seed);
      SCOPED_TRACE("seed " + std::to_string(seed));
      law(random);
    }
  }
};

TEST_F(MergeLaws, AnEmptyDeltaChangesNothing) {
  try_out([](std::mt19937& random) {
    const Hive base = test::hive_of(test::random_base(random), false);
    test::LayerKey nothing;
    nothing.name = u"ROOT";
    const Hive result = sound_merge(base, test::hive_of(nothing, true));
    test::expect_same_truth(test::truth_of(base), test::truth_of(result), "result");
  });
}

TEST_F(MergeLaws, ADeltaThatSupersedesAllIsTheResult) {
  try_out([](std::mt19937& random) {
    const Hive base = test::hive_of(test::random_base(random), false);
    test::LayerKey all = test::random_base(random);
    const Hive plain = test::hive_of(all, false);
    all.semantics = 3;
    for (auto& [name, subkey] : all.subkeys) {
      subkey.semantics = 3;
    }
    const Hive result = sound_merge(base, test::hive_of(all, true));
    test::expect_same_truth(without_root_attributes(test::truth_of(plain)),
                            without_root_attributes(test::truth_of(result)), "result");
  });
}

TEST_F(MergeLaws, MergingTwiceIsMergingOnce) {
  try_out([](std::mt19937& random) {
    const Hive base = test::hive_of(test::random_base(random), false);
    const Hive delta = test::hive_of(test::random_delta(random), true);
    const Hive once = sound_merge(base, delta);
    test::expect_same_truth(test::truth_of(once), test::truth_of(sound_merge(once, delta)),
                            "twice");
  });
}

TEST_F(MergeLaws, EveryKeyComesFromOneOrTheOther) {
  try_out([](std::mt19937& random) {
    const Hive base = test::hive_of(test::random_base(random), false);
    const Hive delta = test::hive_of(test::random_delta(random), true);
    const Hive result = sound_merge(base, delta);
    EXPECT_FALSE(result.is_layered());
    for (const auto& [path, line] : test::truth_of(result)) {
      EXPECT_TRUE(base.find(path).has_value() || delta.find(path).has_value()) << path;
    }
  });
}

TEST_F(MergeLaws, MergingOneAfterTheOtherIsMergingTheirComposition) {
  try_out([](std::mt19937& random) {
    const Hive base = test::hive_of(test::random_base(random), false);
    const test::LayerKey first = test::random_delta(random);
    const test::LayerKey second = test::random_delta(random);
    const Hive stepwise =
        sound_merge(sound_merge(base, test::hive_of(first, true)), test::hive_of(second, true));
    test::LayerKey both = test::compose(first, second);
    // The root's time is the latest one, whatever the deltas contain.
    both.time = std::max(first.time, second.time);
    const Hive at_once = sound_merge(base, test::hive_of(both, true));
    test::expect_same_truth(test::truth_of(stepwise), test::truth_of(at_once), "at once");
  });
}

TEST_F(MergeLaws, WritingWhatWasReadGivesTheSameBytes) {
  try_out([](std::mt19937& random) {
    const Hive delta = test::hive_of(test::random_delta(random), true);
    const Bytes once = HiveEditor(delta).to_bytes();
    EXPECT_EQ(HiveEditor(Hive::from_bytes(once, "once")).to_bytes(), once);
    test::expect_same_truth(test::truth_of(delta), test::truth_of(Hive::from_bytes(once, "once")),
                            "written");
  });
}

}  // namespace
}  // namespace cim::registry
