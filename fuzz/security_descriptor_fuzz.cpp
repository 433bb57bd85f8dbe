// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT

// Self-relative descriptors: one that parses must also encode and parse to the same, and one that
// prints as SDDL must print the same again after parsing.

#include <cstdint>
#include <cstdlib>
#include <span>

#include "cimlib/error.h"
#include "cimlib/security_descriptor.h"

namespace {

void print_and_read(const cim::SecurityDescriptor& descriptor) {
  std::string text;
  try {
    text = descriptor.to_sddl();
  } catch (const cim::Error&) {
    return;  // an ACE that has no text
  }
  if (cim::SecurityDescriptor::from_sddl(text).to_sddl() != text) {
    std::abort();
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  cim::SecurityDescriptor descriptor;
  try {
    descriptor = cim::SecurityDescriptor::parse(std::as_bytes(std::span(data, size)));
  } catch (const cim::Error&) {
    return 0;  // most inputs should be rejected
  }
  if (cim::SecurityDescriptor::parse(descriptor.encode()) != descriptor) {
    std::abort();
  }
  print_and_read(descriptor);
  return 0;
}
