// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "base/bytes.h"

#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "cimlib/error.h"

namespace cim {

void ByteReader::seek(std::size_t position, std::string_view what) {
  if (position > bytes_.size()) {
    fail(fmt::format("{} is at {}, past the end at {}", what, base_ + position,
                     base_ + bytes_.size()));
  }
  position_ = position;
}

ByteView ByteReader::take(std::size_t size, std::string_view what) {
  if (size > remaining()) {
    fail(fmt::format("{} needs {} bytes, but only {} are left", what, size, remaining()));
  }
  const ByteView taken = bytes_.subspan(position_, size);
  position_ += size;
  return taken;
}

void append(Bytes& bytes, ByteView more) {
  bytes.insert(bytes.end(), more.begin(), more.end());
}

void ByteReader::fail(std::string reason) const {
  throw Error(ErrorCode::kCorrupt, std::string(source_), std::move(reason), base_ + position_);
}

std::string to_hex(ByteView bytes) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string text;
  text.reserve(2 * bytes.size());
  for (const std::byte b : bytes) {
    text.push_back(kDigits[std::to_integer<std::size_t>(b >> 4)]);
    text.push_back(kDigits[std::to_integer<std::size_t>(b & std::byte{0x0F})]);
  }
  return text;
}

}  // namespace cim
