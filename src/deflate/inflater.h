// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// Decompressing DEFLATE data, such as an entry of a ZIP archive or a member of a gzip stream, and
// computing a CRC-32, through ISA-L or zlib.

#include <cstdint>
#include <memory>
#include <span>
#include <string_view>

#include "base/bytes.h"

namespace cim::deflate {

/// The framing of DEFLATE data.
enum class Framing {
  kRaw,   ///< nothing (RFC 1951)
  kGzip,  ///< header and trailer of a gzip member (RFC 1952)
};

/// The decompressor of one entry or member, or of one after another. Implemented by
/// inflater_isal.cpp and inflater_zlib.cpp, of which one is built.
class Inflater {
 public:
  explicit Inflater(Framing framing);
  Inflater(const Inflater&) = delete;
  Inflater& operator=(const Inflater&) = delete;
  ~Inflater();

  /// The remaining input and the space for its output; run() advances both.
  ByteView input;
  std::span<std::byte> output;

  /// Decompresses until input or output is used up, at most to the end of the packed data, where
  /// the checksum and length of a gzip member are verified. Returns false if the packed data is
  /// damaged; failure() then returns the reason.
  bool run();
  std::string_view failure() const noexcept { return failure_; }

  /// Returns true if the packed data ended.
  bool has_ended() const noexcept;

  /// Returns true if the packed data ended before the input.
  bool has_surplus() const noexcept;

  /// Prepares for other packed data, which begins with the remaining input.
  void restart();

 private:
  struct State;

  std::unique_ptr<State> state_;
  std::string_view failure_;
};

/// Returns the CRC-32 of more bytes, after `crc` for those before them, or 0.
std::uint32_t add_to_crc(std::uint32_t crc, ByteView bytes);

}  // namespace cim::deflate
