// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// The part of the verb `create` that makes images of application packages.

#include <optional>
#include <string>
#include <vector>

#include "cli/access_options.h"
#include "cli/console.h"
#include "cli/image_writing.h"
#include "cli/verb.h"

namespace cim::cli {

/// Options that are valid for packages only.
struct PackageOptions {
  std::optional<std::string> root;
  std::vector<std::string> architectures;
  std::vector<std::string> languages;
  std::vector<std::string> scales;
  bool is_dry_run = false;
};

void package_options(Parameters& parameters, PackageOptions& options);

/// Throws UsageError if one of the options was given.
void refuse_package_options(const PackageOptions& options);

/// Returns true if the sources are files that are packages by their content, false if there is one
/// that is a directory or anything else. Throws UsageError for packages mixed with others.
bool are_packages(const std::vector<std::string>& sources);

/// An image to create.
struct PackageImage {
  const std::string& image;
  const std::vector<std::string>& sources;
  const std::optional<std::string>& base;
  const PackageOptions& options;
  const AccessOptions& access;
  const WritingOptions& writing;
};

/// Creates the image, or prints what would be created; returns the exit status.
int create_from_packages(const PackageImage& what, Console& console);

}  // namespace cim::cli
