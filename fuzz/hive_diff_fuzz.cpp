// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT

// The input is two hives as in the target hive_merge. Comparing them in both directions must find
// the same, with added and removed exchanged.

#include <cstdint>
#include <cstdlib>
#include <span>

#include "cimlib/error.h"
#include "cimlib/hive.h"
#include "cimlib/hive_diff.h"

#include "hive_fuzzing.h"

namespace {

using cim::registry::Hive;
using cim::registry::HiveDiffSummary;

HiveDiffSummary compare(const Hive& before, const Hive& after) {
  HiveDiffSummary seen;
  const auto summary =
      cim::registry::diff(before, after, {}, [&seen](const cim::registry::KeyDifference& key) {
        seen.values += key.values.size();
        if (!key.before && !key.after) {
          std::abort();
        }
        return true;
      });
  if (seen.values != summary.values) {
    std::abort();
  }
  return summary;
}

void compare_both_ways(const Hive& one, const Hive& other) {
  const HiveDiffSummary there = compare(one, other);
  const HiveDiffSummary back = compare(other, one);
  if (there.added != back.removed || there.removed != back.added || there.changed != back.changed ||
      there.values != back.values || !compare(one, one).is_same()) {
    std::abort();
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto [first, second] = cim::fuzz::two_inputs(std::as_bytes(std::span(data, size)));
  try {
    compare_both_ways(Hive::from_bytes(cim::fuzz::as_clean_hive(first), "first"),
                      Hive::from_bytes(cim::fuzz::as_clean_hive(second), "second"));
  } catch (const cim::Error&) {
    // Most inputs should be rejected.
  }
  return 0;
}
