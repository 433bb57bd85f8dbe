// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// AppxSignature.p7x: "PKCX" and a PKCS #7 message whose content are digests of the parts of the
// package. libcrypto verifies the message with the certificate in it; whether that certificate can
// be trusted is for Windows to decide.

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "cimlib/app_package.h"

#include "appx/digest.h"
#include "appx/random_access.h"
#include "base/bytes.h"

namespace cim::appx {

/// Signatures have some ten kilobytes: most are certificates.
inline constexpr std::uint64_t kMaxSignature = std::uint64_t{4} << 20;

/// The digests in a signature; empty for parts that it does not have.
struct SignedDigests {
  DigestMethod method = DigestMethod::kSha256;
  Bytes archive;         ///< AXPC: local entries
  Bytes directory;       ///< AXCD: the archive's directory
  Bytes content_types;   ///< AXCT: [Content_Types].xml
  Bytes block_map;       ///< AXBM: AppxBlockMap.xml
  Bytes code_integrity;  ///< AXCI: AppxMetadata/CodeIntegrity.cat
};

struct ParsedSignature {
  /// is_valid is true if the message is; `matches_archive` is still false.
  Signature signature;
  SignedDigests digests;
};

/// Reads and verifies the message alone. What is wrong with it becomes the signature's fault.
ParsedSignature parse_signature(ByteView file);

/// Returns the digest of a part by the method of the signature; nullopt if the package does not
/// have it.
using PartDigest = std::function<std::optional<Bytes>(std::string_view name, DigestMethod method)>;

/// Compares the digests of the three parts and records the first difference.
void verify_parts(ParsedSignature& parsed, const PartDigest& part);

/// Compares the signer with the publisher that a manifest names, and sets `matches_publisher`.
void compare_with_publisher(Signature& signature, const std::string& publisher);

/// Compares the digests of the archive, whose signature is the entry of this name. Sets
/// `matches_archive` or the fault.
void verify_archive(ParsedSignature& parsed, const RandomAccess& archive);

}  // namespace cim::appx
