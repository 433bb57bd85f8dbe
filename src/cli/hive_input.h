// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// Shared by the verbs for registry hives: where a hive comes from, and how it is opened.

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cimlib/hive.h"

#include "cli/verb.h"

namespace cim::cli {

/// The help of a parameter that names a hive.
inline constexpr std::string_view kHiveHelp = "the hive file, or - for standard input";

/// The options that select a hive, apart from its name.
struct HiveOptions {
  std::optional<std::string> image;
  std::vector<std::string> regions;  ///< where its region files may be besides its directory
  std::vector<std::string> logs;
  bool as_is = false;
};

/// Adds --in and --regions.
void image_option(Parameters& parameters, HiveOptions& options);
/// Adds all options, for verbs that read one hive.
void hive_options(Parameters& parameters, HiveOptions& options);

/// Returns the name of a hive in messages.
std::string name_of_hive(const std::string& hive, const std::optional<std::string>& image);

/// Returns the bytes of a hive or a log: a file of the host, of the image if there is one, or
/// standard input for "-".
std::vector<std::byte> read_hive(const std::string& hive, const HiveOptions& where);

/// Opens a hive; warnings are printed.
registry::Hive open_hive(const std::string& hive, const HiveOptions& options, Console& console);

/// Returns the key at a path. Throws kNotFound, with the path and the name of the hive.
registry::Key find_key(const registry::Hive& hive, const std::string& path,
                       const std::string& name);

}  // namespace cim::cli
