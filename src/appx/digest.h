// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// The digests of block maps and signatures.

#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <string_view>

#include "base/bytes.h"

namespace cim::appx {

enum class DigestMethod { kSha256, kSha384, kSha512 };

inline constexpr std::size_t kMaxDigestSize = 64;

/// Returns the length in bytes.
std::size_t digest_size(DigestMethod method) noexcept;

/// Returns the method that an attribute HashMethod names by its URI; nullopt for others.
std::optional<DigestMethod> digest_method(std::string_view uri) noexcept;

/// Computes one digest after another.
class Digest {
 public:
  explicit Digest(DigestMethod method);
  Digest(const Digest&) = delete;
  Digest& operator=(const Digest&) = delete;
  ~Digest();

  void add(ByteView bytes);
  /// Returns the digest, valid until the next call, and starts a new one.
  ByteView finish();

 private:
  struct State;

  std::unique_ptr<State> state_;
};

}  // namespace cim::appx
