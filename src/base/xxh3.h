// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// The hash XXH3 of 128 bits. It is as fast as memory but not cryptographic: inputs that collide are
// easy to find, so equal hashes only suggest which bytes to compare.

#include <array>
#include <cstddef>
#include <memory>

#include "base/bytes.h"

namespace cim {

/// In the canonical form, the most significant byte first.
using Xxh3Digest = std::array<std::byte, 16>;

/// Computes one hash at a time: update() any number of times, then finish(), which starts a new
/// one. Must not be shared between threads.
class Xxh3 {
 public:
  Xxh3();
  ~Xxh3();
  void update(ByteView bytes) noexcept;
  Xxh3Digest finish() noexcept;

  /// Returns the hash of `bytes`.
  static Xxh3Digest of(ByteView bytes) noexcept;

 private:
  struct State;

  std::unique_ptr<State> state_;
};

}  // namespace cim
