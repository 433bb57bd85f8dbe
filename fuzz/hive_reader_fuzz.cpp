// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT

// The input is a hive. Reading must fail with an error or return everything, and the check must
// find damage in exactly what cannot be read. Sequence numbers and checksum of the base block are
// corrected first, or no input would pass them.

#include <cstdint>
#include <cstdlib>
#include <span>

#include "cimlib/error.h"
#include "cimlib/hive.h"

#include "hive_fuzzing.h"

namespace {

using cim::registry::Hive;
using cim::registry::Key;

std::uint64_t examine(const Key& key) {
  std::uint64_t sum = key.name().size() + key.descriptor().size() + key.time().ticks;
  sum += key.class_name().value_or("").size();
  for (const auto value : key.values()) {
    sum += value.name().size() + value.data().size() + value.text().value_or("").size();
    if (!key.value(value.name())) {
      std::abort();
    }
  }
  for (const Key subkey : key.subkeys()) {
    if (!key.subkey(subkey.name())) {
      std::abort();
    }
    sum += examine(subkey);
  }
  return sum;
}

bool has_damage(const cim::registry::CheckReport& report) {
  for (const auto& finding : report.findings) {
    if (finding.severity == cim::Severity::kFault) {
      return true;
    }
  }
  return false;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto bytes = cim::fuzz::as_clean_hive(std::as_bytes(std::span(data, size)));
  const bool damaged =
      has_damage(cim::registry::check(bytes, {.min_severity = cim::Severity::kNote}));
  try {
    (void)examine(Hive::from_bytes(bytes, "input").root());
    if (damaged) {
      std::abort();
    }
  } catch (const cim::Error&) {
    if (!damaged) {
      std::abort();
    }
  }
  return 0;
}
