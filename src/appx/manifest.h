// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// AppxManifest.xml and AppxMetadata/AppxBundleManifest.xml.

#include <cstdint>
#include <string>
#include <vector>

#include "cimlib/app_package.h"

#include "base/bytes.h"

namespace cim::appx {

/// Manifests are some ten kilobytes; those of bundles with many languages a hundred.
inline constexpr std::uint64_t kMaxManifest = std::uint64_t{16} << 20;

/// Returns what the manifest says, without a signature. Throws kCorrupt.
PackageInfo parse_manifest(ByteView document, const std::string& source);

/// A package that a bundle contains.
struct BundledPackage {
  std::string file_name;  ///< in the archive of the bundle, as in the manifest
  bool is_resource = false;
  std::string version;
  std::string architecture;
  std::string resource_id;
  std::vector<std::string> languages;
  std::vector<std::string> scales;
};

struct BundleManifest {
  Identity identity;
  std::vector<BundledPackage> packages;
};

/// Throws kCorrupt.
BundleManifest parse_bundle_manifest(ByteView document, const std::string& source);

/// Returns the packages that are wanted, in the order of the manifest. Throws kNotFound if a bundle
/// has application packages, but none for a chosen architecture.
std::vector<BundledPackage> chosen_packages(const BundleManifest& manifest,
                                            const BundleChoice& choice, const std::string& source);

}  // namespace cim::appx
