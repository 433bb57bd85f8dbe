// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// Shared by the verbs that show application packages.

#include <optional>
#include <string>
#include <string_view>

#include "cimlib/app_package.h"

#include "cli/console.h"
#include "cli/json_output.h"

namespace cim::cli {

/// Returns all facts about a package, and its directory in the image.
Json package_json(const appx::PackageInfo& info, const ImagePath& directory);

/// Returns all facts about a signature; null if there is none.
Json signature_json(const std::optional<appx::Signature>& signature);

/// Returns what is to be said of a signature in one line.
std::string signature_text(const std::optional<appx::Signature>& signature);

/// Prints a line for the package, and one for each of its facts.
void print_package(Console& console, const appx::PackageInfo& info, const ImagePath& directory);

/// Prints a line of a package: a name and a value, which may be hostile.
void print_package_fact(Console& console, std::string_view name, std::string_view value);

}  // namespace cim::cli
