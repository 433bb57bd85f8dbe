// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT

// SDDL: a text that parses must also print, and parse from that to the same descriptor; also
// through the binary form, if it fits.

#include <cstdint>
#include <cstdlib>
#include <string_view>
#include <vector>

#include "cimlib/error.h"
#include "cimlib/security_descriptor.h"

namespace {

std::vector<std::byte> encode_if_it_fits(const cim::SecurityDescriptor& descriptor) {
  try {
    return descriptor.encode();
  } catch (const cim::Error&) {
    return {};  // too many ACEs for an ACL
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  // char may alias any object.
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  cim::SecurityDescriptor descriptor;
  try {
    descriptor = cim::SecurityDescriptor::from_sddl(text);
  } catch (const cim::Error&) {
    return 0;  // most inputs should be rejected
  }
  if (cim::SecurityDescriptor::from_sddl(descriptor.to_sddl()) != descriptor) {
    std::abort();
  }
  const auto bytes = encode_if_it_fits(descriptor);
  if (!bytes.empty() && cim::SecurityDescriptor::parse(bytes) != descriptor) {
    std::abort();
  }
  return 0;
}
