// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// Turns the bytes of one stream, as they arrive, into an object of the right kind: small or
// page-aligned data, or an expanded executable. A stream of zeros gets no object.

#include <cstdint>

#include "cimlib/image_writer.h"

#include "async/shared_bytes.h"
#include "base/bytes.h"
#include "format/stream.h"
#include "image/read/pe_layout.h"
#include "image/write/object_store.h"

namespace cim {

/// Writes one stream at a time: start, write as often as needed, finish.
class DataWriter {
 public:
  explicit DataWriter(ObjectStore& store) noexcept : store_(store) {}

  void start(std::uint64_t size, PeExpansion expansion);

  /// Returns how many of the bytes that start() announced have not been written yet.
  std::uint64_t remaining() const noexcept { return size_ - written_; }

  /// Takes at most remaining() bytes. Bytes with an owner may be read after the call returns.
  void write(const SharedBytes& bytes);
  /// Like write() with `count` zero bytes.
  void write_zeros(std::uint64_t count);

  /// Returns the stream as its record stores it; bytes that were not written are zeros.
  format::Stream finish();

  /// Returns how many bytes of all streams were stored already.
  std::uint64_t deduplicated_bytes() const noexcept { return deduplicated_bytes_; }

 private:
  enum class State {
    kHead,   // collecting the first bytes, which decide how the stream is stored
    kZeros,  // nothing but zeros so far
    kPlain,  // page-aligned data
    kPe,     // an expanded executable
  };

  void decide();
  void start_object(State state);
  void write_object(const SharedBytes& bytes);
  void write_plain(const SharedBytes& bytes);
  void write_pe(SharedBytes bytes);
  void place_zeros(std::uint64_t count);
  void pad_object(std::uint64_t object_offset);
  std::size_t head_target() const noexcept;
  format::Stream finish_small();
  format::Stream finish_object();
  format::RegionOffset place_object();
  format::RegionOffset counted(std::uint64_t found_before, format::RegionOffset place);

  ObjectStore& store_;
  State state_ = State::kHead;
  PeExpansion expansion_ = PeExpansion::kExpand;
  std::uint64_t size_ = 0;
  std::uint64_t written_ = 0;  // bytes passed to write()
  std::uint64_t placed_ = 0;   // bytes of the stream that are in the object
  Bytes head_;
  PeLayout layout_;
  std::size_t next_mapping_ = 0;
  std::uint64_t deduplicated_bytes_ = 0;
};

}  // namespace cim
