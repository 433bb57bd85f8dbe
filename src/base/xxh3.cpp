// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "base/xxh3.h"

#include <algorithm>

#include <xxhash.h>

namespace cim {
namespace {

Xxh3Digest canonical(XXH128_hash_t hash) noexcept {
  XXH128_canonical_t bytes;
  XXH128_canonicalFromHash(&bytes, hash);
  Xxh3Digest digest;
  std::ranges::copy(std::as_bytes(std::span(bytes.digest)), digest.begin());
  return digest;
}

}  // namespace

struct Xxh3::State {
  XXH3_state_t hash;
};

Xxh3::Xxh3() : state_(std::make_unique<State>()) {
  XXH3_128bits_reset(&state_->hash);
}

Xxh3::~Xxh3() = default;

void Xxh3::update(ByteView bytes) noexcept {
  XXH3_128bits_update(&state_->hash, bytes.data(), bytes.size());
}

Xxh3Digest Xxh3::finish() noexcept {
  const Xxh3Digest digest = canonical(XXH3_128bits_digest(&state_->hash));
  XXH3_128bits_reset(&state_->hash);
  return digest;
}

Xxh3Digest Xxh3::of(ByteView bytes) noexcept {
  return canonical(XXH3_128bits(bytes.data(), bytes.size()));
}

}  // namespace cim
