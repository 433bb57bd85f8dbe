// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// One gzip member after another. Two implementations: ISA-L (gzip_inflate_isal.cpp) and, where that
// is not to be had, zlib (gzip_inflate_zlib.cpp).

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

  /// What is left to unpack, and the room for what comes of it; each call takes of both.
  ByteView input;
  std::span<std::byte> output;

  void begin_member();

  /// Unpacks as far as input and output go, at most to the end of the member, whose checksum and
  /// length are checked. Of a failure failure() tells the reason.
  Outcome inflate();
  std::string_view failure() const noexcept { return failure_; }

 private:
  struct State;

  std::unique_ptr<State> state_;
  std::string_view failure_;
};

}  // namespace cim::tar
