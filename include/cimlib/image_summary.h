// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// What an image holds, counted: how many files of which kinds, what they would take and what they
// take, and how its executables are stored.

#include <cstdint>
#include <map>
#include <stop_token>
#include <string>

#include "cimlib/export.h"
#include "cimlib/image.h"
#include "cimlib/progress.h"

namespace cim {

struct ImageSummary {
  std::uint64_t directories = 0;         ///< the root included
  std::uint64_t files = 0;               ///< each once, however many names it has
  std::uint64_t hard_links = 0;          ///< names of files beyond the first
  std::uint64_t streams = 0;             ///< alternate ones
  std::uint64_t reparse_points = 0;      ///< files and directories
  std::uint64_t data_bytes = 0;          ///< of all streams, each file once
  std::uint64_t region_bytes = 0;        ///< sizes of all region files
  std::uint64_t own_region_bytes = 0;    ///< of those that belong to this image alone
  std::uint64_t deduplicated_bytes = 0;  ///< of data_bytes, what shares the place of other data
  std::uint64_t sparse_bytes = 0;        ///< of data_bytes, what takes no place at all
  /// Files and directories of which something can't be read; that is not counted.
  std::uint64_t unreadable = 0;
  std::uint64_t expanded_executables = 0;
  /// Executables (what starts with "MZ") that are stored as they are: reason and how many.
  std::map<std::string, std::uint64_t> plain_executables;
};

struct SummaryOptions {
  WarningSink warning = {};  ///< told of each file and directory that can't be read, and why
  std::stop_token stop = {};
};

/// Goes through the whole image once; reads the first bytes of each plain file, and no more data.
/// Throws what Image::walk() throws.
CIM_EXPORT ImageSummary summarize(const Image& image, const SummaryOptions& options = {});

}  // namespace cim
