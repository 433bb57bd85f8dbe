// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "appx/digest.h"

#include <array>
#include <new>

#include <openssl/evp.h>

#include "cimlib/error.h"

namespace cim::appx {
namespace {

const EVP_MD* evp_of(DigestMethod method) noexcept {
  switch (method) {
    case DigestMethod::kSha384:
      return EVP_sha384();
    case DigestMethod::kSha512:
      return EVP_sha512();
    default:
      return EVP_sha256();
  }
}

}  // namespace

struct Digest::State {
  struct Free {
    void operator()(EVP_MD_CTX* owned) const noexcept { EVP_MD_CTX_free(owned); }
  };

  static void check(int result) {
    if (result != 1) {
      throw Error(ErrorCode::kUnsupported, "digest", "libcrypto does not provide it");
    }
  }

  std::unique_ptr<EVP_MD_CTX, Free> context{EVP_MD_CTX_new()};
  std::array<std::byte, kMaxDigestSize> value{};
};

std::size_t digest_size(DigestMethod method) noexcept {
  return static_cast<std::size_t>(EVP_MD_get_size(evp_of(method)));
}

std::optional<DigestMethod> digest_method(std::string_view uri) noexcept {
  return uri == "http://www.w3.org/2001/04/xmlenc#sha256" ? std::optional(DigestMethod::kSha256)
         : uri == "http://www.w3.org/2001/04/xmldsig-more#sha384"
             ? std::optional(DigestMethod::kSha384)
         : uri == "http://www.w3.org/2001/04/xmlenc#sha512" ? std::optional(DigestMethod::kSha512)
                                                            : std::nullopt;
}

Digest::Digest(DigestMethod method) : state_(std::make_unique<State>()) {
  if (!state_->context) {
    throw std::bad_alloc();
  }
  State::check(EVP_DigestInit_ex(state_->context.get(), evp_of(method), nullptr));
}

Digest::~Digest() = default;

void Digest::add(ByteView bytes) {
  State::check(EVP_DigestUpdate(state_->context.get(), bytes.data(), bytes.size()));
}

ByteView Digest::finish() {
  unsigned size = 0;
  State::check(EVP_DigestFinal_ex(state_->context.get(),
                                  reinterpret_cast<unsigned char*>(state_->value.data()), &size));
  State::check(EVP_DigestInit_ex(state_->context.get(), nullptr, nullptr));
  return ByteView(state_->value).first(size);
}

}  // namespace cim::appx
