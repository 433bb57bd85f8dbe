// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include <algorithm>
#include <limits>
#include <optional>
#include <span>
#include <utility>

#include <windows.h>
// Needs the types of windows.h.
#include <bcrypt.h>

#include "cimlib/error.h"

#include "os/crypto.h"

// Hashing through Windows' Cryptography API: Next Generation (CNG).

namespace cim {
namespace {

void require_cng(NTSTATUS status) {
  if (!BCRYPT_SUCCESS(status)) {
    throw Error(ErrorCode::kUnsupported, "hash", "the cryptography of the system failed");
  }
}

}  // namespace

// A hash algorithm. Never closed: the process has one of each kind.
class CngAlgorithm {
 public:
  explicit CngAlgorithm(const wchar_t* name) {
    require_cng(::BCryptOpenAlgorithmProvider(&handle_, name, nullptr, 0));
  }
  BCRYPT_ALG_HANDLE handle() const noexcept { return handle_; }

 private:
  BCRYPT_ALG_HANDLE handle_ = nullptr;
};

// One hash computation.
class CngHash {
 public:
  explicit CngHash(const CngAlgorithm& algorithm) {
    require_cng(::BCryptCreateHash(algorithm.handle(), &handle_, nullptr, 0, nullptr, 0, 0));
  }
  CngHash(const CngHash&) = delete;
  CngHash& operator=(const CngHash&) = delete;
  ~CngHash() { ::BCryptDestroyHash(handle_); }

  void update(ByteView bytes) {
    constexpr std::size_t kMost = std::numeric_limits<ULONG>::max();
    while (!bytes.empty()) {
      const ByteView piece = bytes.first(std::min(bytes.size(), kMost));
      // The parameter is not const, but the function does not change the bytes.
      auto* const data = const_cast<UCHAR*>(reinterpret_cast<const UCHAR*>(piece.data()));
      require_cng(::BCryptHashData(handle_, data, static_cast<ULONG>(piece.size()), 0));
      bytes = bytes.subspan(piece.size());
    }
  }

  // Must be the last call.
  void finish(std::span<std::byte> digest) {
    require_cng(::BCryptFinishHash(handle_, reinterpret_cast<UCHAR*>(digest.data()),
                                   static_cast<ULONG>(digest.size()), 0));
  }

 private:
  BCRYPT_HASH_HANDLE handle_ = nullptr;
};

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

namespace {

const CngAlgorithm& cng_algorithm(HashAlgorithm algorithm) {
  static const CngAlgorithm sha256(BCRYPT_SHA256_ALGORITHM);
  static const CngAlgorithm sha1(BCRYPT_SHA1_ALGORITHM);
  static const CngAlgorithm md5(BCRYPT_MD5_ALGORITHM);
  switch (algorithm) {
    case HashAlgorithm::kSha1:
      return sha1;
    case HashAlgorithm::kMd5:
      return md5;
    case HashAlgorithm::kSha256:
      break;
  }
  return sha256;
}

std::size_t digest_size(HashAlgorithm algorithm) {
  switch (algorithm) {
    case HashAlgorithm::kSha1:
      return 20;
    case HashAlgorithm::kMd5:
      return 16;
    case HashAlgorithm::kSha256:
      break;
  }
  return 32;
}

}  // namespace

struct ContentHash::Context {
  HashAlgorithm algorithm;
  std::optional<CngHash> hash;

  explicit Context(HashAlgorithm which)
      : algorithm(which), hash(std::in_place, cng_algorithm(which)) {}
};

ContentHash::ContentHash(HashAlgorithm algorithm)
    : context_(std::make_unique<Context>(algorithm)) {}

ContentHash::~ContentHash() = default;

void ContentHash::update(ByteView bytes) {
  context_->hash->update(bytes);
}

std::vector<std::byte> ContentHash::finish() {
  std::vector<std::byte> digest(digest_size(context_->algorithm));
  context_->hash->finish(digest);
  context_->hash.emplace(cng_algorithm(context_->algorithm));
  return digest;
}

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
