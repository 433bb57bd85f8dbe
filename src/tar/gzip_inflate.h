// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// Decompression of gzip members. Two implementations: ISA-L (gzip_inflate_isal.cpp) and, if that is
// not available, zlib (gzip_inflate_zlib.cpp).

#include <cstddef>
#include <memory>
#include <span>
#include <string_view>

#include "base/bytes.h"

namespace cim::tar {

class GzipInflate {
 public:
  enum class Outcome { kGoesOn, kMemberEnded, kFailed };

  GzipInflate();
  GzipInflate(const GzipInflate&) = delete;
  GzipInflate& operator=(const GzipInflate&) = delete;
  ~GzipInflate();

  /// The remaining input and the space for its output; inflate() advances both.
  ByteView input;
  std::span<std::byte> output;

  void begin_member();

  /// Decompresses until input or output is used up, at most to the end of the member, whose
  /// checksum and length are verified. After kFailed, failure() returns the reason.
  Outcome inflate();
  std::string_view failure() const noexcept { return failure_; }

 private:
  struct State;

  std::unique_ptr<State> state_;
  std::string_view failure_;
};

}  // namespace cim::tar
