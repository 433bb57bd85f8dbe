// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// Makes packages whose files are stored, for tests in C++.

#include <string>
#include <utility>
#include <vector>

namespace cim::test {

/// Names as in the archive, and contents.
using PackageFiles = std::vector<std::pair<std::string, std::string>>;

/// Returns a ZIP archive of stored entries.
std::string stored_archive(const PackageFiles& files);

/// Returns a block map of these files, whose names have no special characters.
std::string block_map_text(const PackageFiles& files);

/// Returns a manifest with that many applications.
std::string manifest_text(const std::string& name, std::size_t applications = 1);

/// Returns a package of these files, with a manifest, a block map and content types.
std::string stored_package(PackageFiles files, const std::string& name = "Contoso.Tool");

}  // namespace cim::test
