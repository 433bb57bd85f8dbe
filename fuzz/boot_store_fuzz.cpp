// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT

// The input is a boot configuration store. The edits for booting from a CIM must fail with an error
// or produce a hive with no finding that the input did not already have.

#include <cstdint>
#include <cstdlib>
#include <span>

#include "cimlib/bcd.h"
#include "cimlib/error.h"

#include "hive_fuzzing.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto bytes = cim::fuzz::as_clean_hive(std::as_bytes(std::span(data, size)));
  cim::bcd::CimBootOptions options;
  options.scratch.disk.bytes[0] = std::byte{1};
  options.scratch.partition.bytes[0] = std::byte{2};
  options.cim = "\\cim-layers\\42.cim";
  options.unverified = cim::bcd::Unverified::kAccept;
  options.existing = cim::bcd::ExistingObjects::kReplace;
  options.other_vmbus = cim::bcd::OtherVmbus::kAccept;
  try {
    const auto hive = cim::registry::Hive::from_bytes(bytes, "input");
    const auto edited = cim::bcd::edit_for_cim_boot(hive, "input", options);
    for (const auto& finding : cim::registry::check(edited.bytes).findings) {
      if (finding.severity == cim::Severity::kFault) {
        std::abort();
      }
    }
  } catch (const cim::Error&) {  // expected for most inputs
  }
  return 0;
}
