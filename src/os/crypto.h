// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// The cryptography that cimlib needs: SHA-256 for the identity of blobs and layers, SHA-1 for
// GUIDs derived from names, and random bytes for all other GUIDs and for the keys of hashes.
// One implementation per system: libcrypto (crypto_openssl.cpp) or Windows' CNG
// (crypto_windows.cpp).

#include <array>
#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "cimlib/hash_algorithm.h"

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

  /// Returns the hash of `bytes`. Each thread keeps one context for this, since creating one costs
  /// more than hashing a few bytes.
  static Sha256Digest of(ByteView bytes) {
    thread_local Sha256 hash;
    hash.update(bytes);
    return hash.finish();
  }

 private:
  struct Context;
  void restart();

  std::unique_ptr<Context> context_;
};

/// Computes hashes of one algorithm, one at a time, as Sha256 does. Throws kUnsupported if the
/// system does not provide the algorithm.
class ContentHash {
 public:
  explicit ContentHash(HashAlgorithm algorithm);
  ~ContentHash();
  void update(ByteView bytes);
  std::vector<std::byte> finish();

 private:
  struct Context;

  std::unique_ptr<Context> context_;
};

/// Returns the SHA-1 of `bytes`. For names that standards derive by SHA-1; not for anything that
/// must resist forgery.
std::array<std::byte, 20> sha1(ByteView bytes);

/// Fills `bytes` with unpredictable random bytes. Throws kIo if the system provides none.
void fill_with_random(std::span<std::byte> bytes);

}  // namespace cim
