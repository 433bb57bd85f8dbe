// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <span>

#include "base/bytes.h"

namespace cim::oci {

/// The bytes of a body between libcurl, which passes on as many as arrive, and a reader, which asks
/// for some: they go into the reader's buffer while it waits, and beyond that into one of this
/// object's, up to a limit.
class ReceiveBuffer {
 public:
  /// Accepts all of the bytes; or none, and returns false, if as many as allowed are kept.
  bool accept(ByteView bytes);

  /// Returns true if no bytes are kept.
  bool is_empty() const noexcept { return taken_ == kept_.size(); }
  /// Moves some of the kept bytes; returns how many.
  std::size_t take(std::span<std::byte> into);

  /// Starts to wait for bytes, while none are kept: accept() fills `into` first.
  void start_waiting(std::span<std::byte> into) noexcept { into_ = into; }
  /// Returns true if bytes were received since.
  bool has_received() const noexcept { return received_ > 0; }
  /// Returns the number of bytes in the buffer that was passed to start_waiting().
  std::size_t stop_waiting() noexcept;

 private:
  std::span<std::byte> into_;  // of the reader, while it waits
  std::size_t received_ = 0;   // bytes in it
  Bytes kept_;                 // received beyond that and not yet taken, from taken_ on
  std::size_t taken_ = 0;
};

}  // namespace cim::oci
