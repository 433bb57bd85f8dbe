// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include <optional>

#include "os/cng_windows.h"
#include "os/sha256.h"

namespace cim {

struct Sha256::Context {
  std::optional<CngHash> hash;
};

Sha256::Sha256() : context_(std::make_unique<Context>()) {
  restart();
}

Sha256::~Sha256() = default;

void Sha256::restart() {
  static const CngAlgorithm algorithm(BCRYPT_SHA256_ALGORITHM);
  context_->hash.emplace(algorithm);
}

void Sha256::update(ByteView bytes) {
  context_->hash->update(bytes);
}

Sha256Digest Sha256::finish() {
  Sha256Digest digest{};
  context_->hash->finish(digest);
  restart();
  return digest;
}

}  // namespace cim
