// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// The algorithms of digests that can be computed of files.

#include <string_view>

#include "cimlib/export.h"

namespace cim {

/// MD5 and SHA-1 serve to compare with lists of known files; they do not resist forgery.
enum class HashAlgorithm { kSha256, kSha1, kMd5 };

/// Returns "sha256", "sha1" or "md5".
CIM_EXPORT std::string_view to_string(HashAlgorithm algorithm) noexcept;

}  // namespace cim
