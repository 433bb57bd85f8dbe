// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include <bit>
#include <memory>
#include <string>
#include <string_view>

#include <openssl/evp.h>
#include <openssl/rand.h>

#include "cimlib/error.h"

#include "os/crypto.h"

namespace cim {
namespace {

void require(int result, std::string_view what = "SHA-256") {
  if (result != 1) {
    throw Error(ErrorCode::kUnsupported, std::string(what), "libcrypto failed");
  }
}

// Looking up an algorithm by name costs more than hashing a small file, so it is done once.
const EVP_MD* algorithm() {
  static const std::unique_ptr<EVP_MD, decltype([](EVP_MD* md) { EVP_MD_free(md); })> fetched(
      EVP_MD_fetch(nullptr, "SHA256", nullptr));
  return fetched.get();
}

const EVP_MD* kind_of(HashAlgorithm which) {
  switch (which) {
    case HashAlgorithm::kSha1:
      return EVP_sha1();
    case HashAlgorithm::kMd5:
      return EVP_md5();
    case HashAlgorithm::kSha256:
      break;
  }
  return EVP_sha256();
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

struct ContentHash::Context {
  explicit Context(HashAlgorithm which) : name(to_string(which)), kind(kind_of(which)) {
    require(evp != nullptr && kind != nullptr ? 1 : 0, name);
    restart();
  }
  Context(const Context&) = delete;
  Context& operator=(const Context&) = delete;
  ~Context() { EVP_MD_CTX_free(evp); }

  void restart() { require(EVP_DigestInit_ex2(evp, kind, nullptr), name); }

  const std::string_view name;
  const EVP_MD* const kind;
  EVP_MD_CTX* const evp = EVP_MD_CTX_new();
};

ContentHash::ContentHash(HashAlgorithm algorithm)
    : context_(std::make_unique<Context>(algorithm)) {}

ContentHash::~ContentHash() = default;

void ContentHash::update(ByteView bytes) {
  require(EVP_DigestUpdate(context_->evp, bytes.data(), bytes.size()), context_->name);
}

std::vector<std::byte> ContentHash::finish() {
  std::vector<std::byte> digest(static_cast<std::size_t>(EVP_MD_get_size(context_->kind)));
  require(
      EVP_DigestFinal_ex(context_->evp, reinterpret_cast<unsigned char*>(digest.data()), nullptr),
      context_->name);
  context_->restart();
  return digest;
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
