// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// Turns the bytes of one stream, as they come, into an object of the right kind: small or
// page-aligned data, an expanded executable, or nothing at all for zeros.

#include <cstdint>

#include "cimlib/image_writer.h"

#include "async/shared_bytes.h"
#include "base/bytes.h"
#include "format/stream.h"
#include "image/read/pe_layout.h"
#include "image/write/object_store.h"

namespace cim {

/// One stream at a time: start, write as often as needed, finish.
class DataWriter {
 public:
  explicit DataWriter(ObjectStore& store) noexcept : store_(store) {}

  void start(std::uint64_t size, PeExpansion expansion);

  /// Bytes that start() announced and that have not come yet.
  std::uint64_t remaining() const noexcept { return size_ - written_; }

  /// At most remaining() bytes. Those with an owner may be read after the return.
  void write(const SharedBytes& bytes);
  /// As write() with so many zeros.
  void write_zeros(std::uint64_t count);

  /// What stands in the record for the stream; bytes that did not come are zeros.
  format::Stream finish();

  /// Of all streams, the bytes of those that were there already.
  std::uint64_t deduplicated_bytes() const noexcept { return deduplicated_bytes_; }

 private:
  enum class State {
    kHead,   // collecting the first bytes, which decide what becomes of the stream
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
  std::uint64_t written_ = 0;  // bytes that write() took
  std::uint64_t placed_ = 0;   // bytes of the stream that lie in the object
  Bytes head_;
  PeLayout layout_;
  std::size_t next_mapping_ = 0;
  std::uint64_t deduplicated_bytes_ = 0;
};

}  // namespace cim
