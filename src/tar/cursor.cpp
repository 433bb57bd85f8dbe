// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "tar/cursor.h"

#include <algorithm>
#include <cstring>

namespace cim::tar {

ByteView Cursor::take_some(std::uint64_t limit) {
  if (run_.empty() && limit > 0) {
    run_ = source_.next();
  }
  const auto size = static_cast<std::size_t>(std::min<std::uint64_t>(limit, run_.size()));
  const ByteView taken = run_.first(size);
  run_ = run_.subspan(size);
  offset_ += size;
  return taken;
}

std::size_t Cursor::read(std::span<std::byte> into) {
  std::size_t done = 0;
  while (done < into.size()) {
    const ByteView some = take_some(into.size() - done);
    if (some.empty()) {
      break;
    }
    std::memcpy(into.data() + done, some.data(), some.size());
    done += some.size();
  }
  return done;
}

std::uint64_t Cursor::skip(std::uint64_t size) {
  std::uint64_t done = 0;
  while (done < size) {
    const ByteView some = take_some(size - done);
    if (some.empty()) {
      break;
    }
    done += some.size();
  }
  return done;
}

}  // namespace cim::tar
