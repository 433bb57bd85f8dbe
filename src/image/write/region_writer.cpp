// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "image/write/region_writer.h"

#include "cimlib/error.h"

#include "format/header.h"

namespace cim {

RegionWriter::RegionWriter(const std::filesystem::path& path, std::uint16_t index, RegionType type,
                           WriteBehind& write_behind)
    : file_(File::create_new(path)), appender_(file_, write_behind), type_(type) {
  append(format::encode(
      format::RegionHeader{.index = index, .type = static_cast<std::uint8_t>(type)}));
}

void RegionWriter::require_room(std::uint64_t size) const {
  if (size > format::RegionOffset::kMaxByteOffset - position()) {
    throw Error(ErrorCode::kLimit, file_.path().string(), "a region of more than 2^48 bytes");
  }
}

void RegionWriter::append(const SharedBytes& bytes) {
  require_room(bytes.bytes.size());
  appender_.append(bytes);
}

void RegionWriter::append_zeros(std::uint64_t count) {
  require_room(count);
  appender_.append_zeros(count);
}

void RegionWriter::align(std::uint64_t unit) {
  append_zeros((unit - position() % unit) % unit);
}

}  // namespace cim
