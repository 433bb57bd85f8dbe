// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// Reads from a source in pieces of the caller's choice, across the boundaries of its runs.

#include <cstdint>
#include <span>
#include <string>

#include "tar/source.h"

namespace cim::tar {

/// A position in a source.
class Cursor {
 public:
  /// `source` must outlive this object.
  explicit Cursor(Source& source) noexcept : source_(source) {}

  std::uint64_t offset() const noexcept { return offset_; }
  const std::string& source_name() const noexcept { return source_.name(); }

  /// Returns the next contiguous bytes, at most `limit`; empty at the end. Valid until the next
  /// call of any function of the cursor.
  ByteView take_some(std::uint64_t limit);

  /// Copies bytes until the buffer is full or the source ends; returns how many.
  std::size_t read(std::span<std::byte> into);

  /// Skips bytes up to the end of the source; returns how many.
  std::uint64_t skip(std::uint64_t size);

 private:
  Source& source_;
  ByteView run_;
  std::uint64_t offset_ = 0;
};

}  // namespace cim::tar
