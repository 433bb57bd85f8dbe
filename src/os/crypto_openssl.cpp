// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include <bit>

#include <openssl/evp.h>
#include <openssl/rand.h>

#include "cimlib/error.h"

#include "os/crypto.h"

namespace cim {

void fill_with_random(std::span<std::byte> bytes) {
  if (RAND_bytes(reinterpret_cast<unsigned char*>(bytes.data()), static_cast<int>(bytes.size())) !=
      1) {
    throw Error(ErrorCode::kIo, "random bytes", "the system provides none");
  }
}

std::array<std::byte, 20> sha1(ByteView bytes) {
  std::array<unsigned char, 20> digest{};
  if (EVP_Digest(bytes.data(), bytes.size(), digest.data(), nullptr, EVP_sha1(), nullptr) != 1) {
    throw Error(ErrorCode::kUnsupported, "SHA-1", "libcrypto does not provide it");
  }
  return std::bit_cast<std::array<std::byte, 20>>(digest);
}

}  // namespace cim
