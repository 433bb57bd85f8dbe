// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// SHA-256 through libcrypto, as a stream.

#include <array>
#include <cstddef>
#include <memory>
#include <string>

#include "base/bytes.h"

struct evp_md_ctx_st;

namespace cim {

using Sha256Digest = std::array<std::byte, 32>;

/// Lower-case hexadecimal digits of bytes.
std::string to_hex(ByteView bytes);

/// One hash at a time: update any number of times, then finish, which starts it anew. Not to be
/// shared between threads.
class Sha256 {
 public:
  Sha256();
  void update(ByteView bytes);
  Sha256Digest finish();

  static Sha256Digest of(ByteView bytes);

 private:
  struct Free {
    void operator()(evp_md_ctx_st* context) const noexcept;
  };
  void restart();

  std::unique_ptr<evp_md_ctx_st, Free> context_;
};

}  // namespace cim
