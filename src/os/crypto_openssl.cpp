// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include <bit>
#include <memory>

#include <openssl/evp.h>
#include <openssl/rand.h>

#include "cimlib/error.h"

#include "os/crypto.h"

namespace cim {
namespace {

void require(int result) {
  if (result != 1) {
    throw Error(ErrorCode::kUnsupported, "SHA-256", "libcrypto failed");
  }
}

// Looking up an algorithm by name costs more than hashing a small file, so it is done once.
const EVP_MD* algorithm() {
  static const std::unique_ptr<EVP_MD, decltype([](EVP_MD* md) { EVP_MD_free(md); })> fetched(
      EVP_MD_fetch(nullptr, "SHA256", nullptr));
  return fetched.get();
}

}  // namespace

// Keeps OpenSSL's headers out of crypto.h.
struct Sha256::Context {
  EVP_MD_CTX* const evp = EVP_MD_CTX_new();

  Context() = default;
  Context(const Context&) = delete;
  Context& operator=(const Context&) = delete;
  ~Context() { EVP_MD_CTX_free(evp); }
};

Sha256::Sha256() : context_(std::make_unique<Context>()) {
  require(context_->evp != nullptr && algorithm() != nullptr ? 1 : 0);
  restart();
}

Sha256::~Sha256() = default;

void Sha256::restart() {
  require(EVP_DigestInit_ex2(context_->evp, algorithm(), nullptr));
}

void Sha256::update(ByteView bytes) {
  require(EVP_DigestUpdate(context_->evp, bytes.data(), bytes.size()));
}

Sha256Digest Sha256::finish() {
  std::array<unsigned char, 32> digest{};
  require(EVP_DigestFinal_ex(context_->evp, digest.data(), nullptr));
  restart();
  return std::bit_cast<Sha256Digest>(digest);
}

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
