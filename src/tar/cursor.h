// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// Reading a source in pieces of one's own choice, across its runs.

#include <cstdint>
#include <span>
#include <string>

#include "tar/source.h"

namespace cim::tar {

/// Where one is in a source.
class Cursor {
 public:
  /// `source` must outlive it.
  explicit Cursor(Source& source) noexcept : source_(source) {}

  std::uint64_t offset() const noexcept { return offset_; }
  const std::string& source_name() const noexcept { return source_.name(); }

  /// The next bytes that lie in one piece, at most `limit` of them; empty at the end. Valid until
  /// the next call of anything here.
  ByteView take_some(std::uint64_t limit);

  /// Copies bytes as far as the source goes; returns how many.
  std::size_t read(std::span<std::byte> into);

  /// Passes over bytes as far as the source goes; returns how many.
  std::uint64_t skip(std::uint64_t size);

 private:
  Source& source_;
  ByteView run_;
  std::uint64_t offset_ = 0;
};

}  // namespace cim::tar
