// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "base/sha256.h"

#include <bit>
#include <memory>
#include <string_view>

#include <openssl/evp.h>

#include "cimlib/error.h"

namespace cim {
namespace {

void require(int result) {
  if (result != 1) {
    throw Error(ErrorCode::kUnsupported, "SHA-256", "libcrypto failed");
  }
}

// Looking an algorithm up by name costs more than hashing a small file, so it is done once.
const EVP_MD* algorithm() {
  static const std::unique_ptr<EVP_MD, decltype([](EVP_MD* md) { EVP_MD_free(md); })> fetched(
      EVP_MD_fetch(nullptr, "SHA256", nullptr));
  return fetched.get();
}

}  // namespace

std::string to_hex(ByteView bytes) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string text;
  text.reserve(2 * bytes.size());
  for (const std::byte b : bytes) {
    text.push_back(kDigits[std::to_integer<std::size_t>(b >> 4)]);
    text.push_back(kDigits[std::to_integer<std::size_t>(b & std::byte{0x0F})]);
  }
  return text;
}

void Sha256::Free::operator()(evp_md_ctx_st* context) const noexcept {
  EVP_MD_CTX_free(context);
}

Sha256::Sha256() : context_(EVP_MD_CTX_new()) {
  require(context_ != nullptr && algorithm() != nullptr ? 1 : 0);
  restart();
}

void Sha256::restart() {
  require(EVP_DigestInit_ex2(context_.get(), algorithm(), nullptr));
}

void Sha256::update(ByteView bytes) {
  require(EVP_DigestUpdate(context_.get(), bytes.data(), bytes.size()));
}

Sha256Digest Sha256::finish() {
  std::array<unsigned char, 32> digest{};
  require(EVP_DigestFinal_ex(context_.get(), digest.data(), nullptr));
  restart();
  return std::bit_cast<Sha256Digest>(digest);
}

Sha256Digest Sha256::of(ByteView bytes) {
  thread_local Sha256 hash;
  hash.update(bytes);
  return hash.finish();
}

}  // namespace cim
