// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "image/region_writer.h"

#include <algorithm>
#include <array>

#include "cimlib/error.h"

#include "format/header.h"

namespace cim {
namespace {

constexpr std::array<std::byte, 65536> kPadding{};

}  // namespace

RegionWriter::RegionWriter(const std::filesystem::path& path, std::uint16_t index, RegionType type,
                           WriteBehind& write_behind)
    : file_(File::create_new(path)), appender_(file_, write_behind), type_(type) {
  append(format::encode(
      format::RegionHeader{.index = index, .type = static_cast<std::uint8_t>(type)}));
}

void RegionWriter::append(const SharedBytes& bytes) {
  if (bytes.bytes.size() > format::RegionOffset::kMaxByteOffset - position()) {
    throw Error(ErrorCode::kLimit, file_.path().string(), "a region of more than 2^48 bytes");
  }
  appender_.append(bytes);
}

void RegionWriter::append_zeros(std::uint64_t count) {
  while (count > 0) {
    const std::uint64_t piece = std::min<std::uint64_t>(count, kPadding.size());
    append(ByteView(kPadding).first(static_cast<std::size_t>(piece)));
    count -= piece;
  }
}

void RegionWriter::align(std::uint64_t unit) {
  append_zeros((unit - position() % unit) % unit);
}

}  // namespace cim
