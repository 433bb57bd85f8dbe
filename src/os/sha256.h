// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// SHA-256 as a stream, through libcrypto or, on Windows, CNG (sha256_openssl.cpp,
// sha256_windows.cpp).

#include <array>
#include <cstddef>
#include <memory>
#include <string>

#include "base/bytes.h"

namespace cim {

using Sha256Digest = std::array<std::byte, 32>;

/// One hash at a time: update any number of times, then finish, which starts it anew. Not to be
/// shared between threads.
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
