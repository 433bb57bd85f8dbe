// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT

// Metadata in extended attributes. The input is a series of { u8 name, u16 size, bytes },
// little-endian. What decodes must encode, and decode to the same again.

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <iterator>
#include <map>
#include <optional>
#include <span>
#include <string>

#include "cimlib/error.h"

#include "image/host/metadata_xattrs.h"

namespace {

using Values = std::map<std::string, cim::Bytes, std::less<>>;

constexpr const char* kNames[] = {"user.cim.attributes", "user.cim.times", "user.cim.security",
                                  "user.cim.ea", "user.cim.reparse"};

Values values_in(cim::ByteView input) {
  Values values;
  while (input.size() >= 3) {
    const char* const name = kNames[std::to_integer<std::size_t>(input[0]) % std::size(kNames)];
    const std::size_t size = std::min(
        std::to_integer<std::size_t>(input[1]) + 256 * std::to_integer<std::size_t>(input[2]),
        input.size() - 3);
    const cim::ByteView value = input.subspan(3, size);
    values[name] = cim::Bytes(value.begin(), value.end());
    input = input.subspan(3 + size);
  }
  return values;
}

std::optional<cim::HostMetadata> decode(const Values& values) {
  return cim::decode_metadata_xattrs([&](std::string_view name) -> std::optional<cim::Bytes> {
    const auto found = values.find(name);
    return found == values.end() ? std::nullopt : std::optional(found->second);
  });
}

Values encode(const cim::HostMetadata& metadata) {
  Values values;
  for (const cim::MetadataXattr& xattr : cim::encode_metadata_xattrs(metadata)) {
    values[std::string(xattr.name)] = xattr.value;
  }
  return values;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  try {
    if (const auto metadata = decode(values_in(std::as_bytes(std::span(data, size))))) {
      const Values encoded = encode(*metadata);
      if (encode(decode(encoded).value()) != encoded) {
        std::abort();
      }
    }
  } catch (const cim::Error&) {
    // Most inputs should be rejected.
  }
  return 0;
}
