// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "base/bytes.h"

#include <utility>

#include <fmt/format.h>

#include "cimlib/error.h"

namespace cim {

void ByteReader::seek(std::size_t position, std::string_view what) {
  if (position > bytes_.size()) {
    fail(fmt::format("{} would lie at {}, past the end at {}", what, base_ + position,
                     base_ + bytes_.size()));
  }
  position_ = position;
}

ByteView ByteReader::take(std::size_t size, std::string_view what) {
  if (size > remaining()) {
    fail(fmt::format("{} needs {} bytes, and {} are left", what, size, remaining()));
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

}  // namespace cim
