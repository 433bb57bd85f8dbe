// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT

// The input is two hives: u24 size of the base, little-endian, the base, the delta. Merging the
// delta into the base must produce a full hive in which the strictest check finds nothing, and
// merging the delta a second time must change nothing.

#include <cstdint>
#include <cstdlib>
#include <span>

#include "cimlib/error.h"
#include "cimlib/hive.h"

#include "hive_fuzzing.h"

namespace {

using cim::registry::Hive;

void merge_and_check(const Hive& base, const Hive& delta) {
  const auto once = cim::registry::merge(base, delta, {}, "merged");
  const auto report = cim::registry::check(once.bytes, {.min_severity = cim::Severity::kNote});
  for (const auto& finding : report.findings) {
    // Two values of one name in the base are copied unchanged.
    if (finding.text.find("two values named") == std::string::npos) {
      std::abort();
    }
  }
  const Hive merged = Hive::from_bytes(once.bytes, "merged");
  if (cim::registry::merge(merged, delta, {}, "again").result.keys != once.result.keys) {
    std::abort();
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto [base, delta] = cim::fuzz::two_inputs(std::as_bytes(std::span(data, size)));
  try {
    merge_and_check(Hive::from_bytes(cim::fuzz::as_clean_hive(base), "base"),
                    Hive::from_bytes(cim::fuzz::as_clean_hive(delta), "delta"));
  } catch (const cim::Error&) {
    // Most inputs should be rejected.
  }
  return 0;
}
