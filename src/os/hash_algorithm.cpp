// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "cimlib/hash_algorithm.h"

namespace cim {

std::string_view to_string(HashAlgorithm algorithm) noexcept {
  switch (algorithm) {
    case HashAlgorithm::kSha256:
      return "sha256";
    case HashAlgorithm::kSha1:
      return "sha1";
    case HashAlgorithm::kMd5:
      return "md5";
  }
  return "unknown";
}

}  // namespace cim
