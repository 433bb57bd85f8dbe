// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT

// Self-relative descriptors: what parses must encode and come back the same, and what prints as
// SDDL must read and print as that again.

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
    return;  // an ACE without a text
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
    return 0;  // refused, as most inputs ought to be
  }
  if (cim::SecurityDescriptor::parse(descriptor.encode()) != descriptor) {
    std::abort();
  }
  print_and_read(descriptor);
  return 0;
}
