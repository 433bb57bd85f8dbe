// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// The parts of a package that describe it, as block maps spell their names.

#include <array>
#include <string_view>

namespace cim::appx {

inline constexpr std::string_view kManifestName = "AppxManifest.xml";
inline constexpr std::string_view kBlockMapName = "AppxBlockMap.xml";
inline constexpr std::string_view kSignatureName = "AppxSignature.p7x";
inline constexpr std::string_view kContentTypesName = "[Content_Types].xml";
inline constexpr std::string_view kCodeIntegrityName = "AppxMetadata\\CodeIntegrity.cat";
inline constexpr std::string_view kBundleManifestName = "AppxMetadata\\AppxBundleManifest.xml";

/// Parts that block maps do not have; the signature covers the last two.
inline constexpr std::array<std::string_view, 4> kUnmappedNames = {
    kBlockMapName, kSignatureName, kContentTypesName, kCodeIntegrityName};

}  // namespace cim::appx
