// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// The criteria of `cim find` as options: declared, and translated for the library.

#include <optional>
#include <string>
#include <vector>

#include "cimlib/find.h"

#include "cli/verb.h"

namespace cim::cli {

/// The words of the options, as given.
struct FindCriteriaOptions {
  std::vector<std::string> names;
  std::vector<std::string> types;
  std::vector<std::string> sizes;
  std::optional<std::string> newer;
  std::optional<std::string> older;
  std::optional<std::string> attributes;
  bool streams = false;
  std::optional<std::string> reparse;
  std::optional<std::string> owner;
  std::optional<std::string> sddl;
  std::vector<std::string> contents;
  std::vector<std::string> hex_contents;
  std::optional<std::string> hash;
};

void find_criteria_options(Parameters& parameters, FindCriteriaOptions& options);

/// Adds the paths of a command line: each is a pattern for paths if it has one of the characters
/// `*?[`, else a file or directory to start from.
void apply_paths(const std::vector<std::string>& paths, FindOptions& find);

/// Throws UsageError for words that have no meaning.
void apply(const FindCriteriaOptions& options, FindOptions& find);

/// Parses "2026-11-29", "2026-11-29T12:30" or "2026-11-29T12:30:45", with or without a final Z, in
/// UTC; nullopt for any other text.
std::optional<FileTime> parse_time(std::string_view text);

}  // namespace cim::cli
