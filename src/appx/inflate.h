// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// Unpacking an entry of a ZIP archive and computing its checksum, through ISA-L or zlib.

#include <cstdint>
#include <memory>
#include <span>

#include "base/bytes.h"

namespace cim::appx {

/// The decompressor of one entry. Implemented by inflate_isal.cpp and inflate_zlib.cpp, of which
/// one is built.
class Inflate {
 public:
  Inflate();
  Inflate(const Inflate&) = delete;
  Inflate& operator=(const Inflate&) = delete;
  ~Inflate();

  /// The remaining input and the space for its output; run() advances both.
  ByteView input;
  std::span<std::byte> output;

  /// Decompresses until input or output is used up, at most to the end of the packed data. Returns
  /// false if the packed data is damaged.
  bool run();

  /// Returns true if the packed data ended.
  bool has_ended() const noexcept;

  /// Returns true if the packed data ended before the input.
  bool has_surplus() const noexcept;

 private:
  struct State;

  std::unique_ptr<State> state_;
};

/// Returns the CRC-32 of more bytes, after `crc` for those before them, or 0.
std::uint32_t add_to_crc(std::uint32_t crc, ByteView bytes);

}  // namespace cim::appx
