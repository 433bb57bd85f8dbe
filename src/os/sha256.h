// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// Incremental SHA-256, through libcrypto or, on Windows, CNG (sha256_openssl.cpp,
// sha256_windows.cpp).

#include <array>
#include <cstddef>
#include <memory>
#include <string>

#include "base/bytes.h"

namespace cim {

using Sha256Digest = std::array<std::byte, 32>;

/// Computes one hash at a time: update() any number of times, then finish(), which starts a new
/// one. Must not be shared between threads.
class Sha256 {
 public:
  Sha256();
  ~Sha256();
  void update(ByteView bytes);
  Sha256Digest finish();

  static Sha256Digest of(ByteView bytes);

 private:
  struct Context;
  void restart();

  std::unique_ptr<Context> context_;
};

}  // namespace cim
