// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
// The GUIDs that need cryptography (RFC 4122, sections 4.3 and 4.4), which base/guid.cpp cannot
// use.
#include <algorithm>

#include "cimlib/guid.h"

#include "base/bytes.h"
#include "os/crypto.h"

namespace cim {
namespace {

// Overwrites the bits that state the version and, as 10 in binary, the variant of RFC 4122.
void set_version(Guid& guid, unsigned version) {
  guid.bytes[6] = (guid.bytes[6] & std::byte{0x0F}) | std::byte(version << 4);
  guid.bytes[8] = (guid.bytes[8] & std::byte{0x3F}) | std::byte{0x80};
}

}  // namespace

Guid Guid::random() {
  Guid guid;
  fill_with_random(guid.bytes);
  set_version(guid, 4);
  return guid;
}

Guid Guid::named(const Guid& name_space, std::string_view name) {
  Bytes hashed;
  append(hashed, ByteView(name_space.bytes));
  append(hashed, as_bytes(name));
  const auto digest = sha1(hashed);
  Guid guid;
  std::copy_n(digest.begin(), guid.bytes.size(), guid.bytes.begin());
  set_version(guid, 5);
  return guid;
}

}  // namespace cim
