// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include <windows.h>
// Needs the types of windows.h.
#include <bcrypt.h>

#include "cimlib/error.h"

#include "os/cng_windows.h"
#include "os/crypto.h"

namespace cim {

void fill_with_random(std::span<std::byte> bytes) {
  if (!BCRYPT_SUCCESS(::BCryptGenRandom(nullptr, reinterpret_cast<UCHAR*>(bytes.data()),
                                        static_cast<ULONG>(bytes.size()),
                                        BCRYPT_USE_SYSTEM_PREFERRED_RNG))) {
    throw Error(ErrorCode::kIo, "random bytes", "the system provides none");
  }
}

std::array<std::byte, 20> sha1(ByteView bytes) {
  static const CngAlgorithm algorithm(BCRYPT_SHA1_ALGORITHM);
  std::array<std::byte, 20> digest{};
  CngHash hash(algorithm);
  hash.update(bytes);
  hash.finish(digest);
  return digest;
}

}  // namespace cim
