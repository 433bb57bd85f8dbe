// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include <algorithm>

#include "cimlib/guid.h"

#include "base/bytes.h"
#include "os/crypto.h"

namespace cim {
namespace {

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
