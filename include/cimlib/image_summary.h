// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// A summary of an image: the number of files of each kind, their sizes with and without
// deduplication, and how executables are stored.

#include <cstdint>
#include <map>
#include <span>
#include <stop_token>
#include <string>
#include <string_view>

#include "cimlib/export.h"
#include "cimlib/image.h"
#include "cimlib/progress.h"

namespace cim {

/// Counts and sizes in bytes.
struct ImageSummary {
  std::uint64_t directories = 0;       ///< the root included
  std::uint64_t files = 0;             ///< each file once, however many names it has
  std::uint64_t hard_links = 0;        ///< names of files beyond the first of each
  std::uint64_t streams = 0;           ///< alternate streams
  std::uint64_t reparse_points = 0;    ///< files and directories that are reparse points
  std::uint64_t data_bytes = 0;        ///< size of all streams, each file once
  std::uint64_t region_bytes = 0;      ///< size of all region files
  std::uint64_t own_region_bytes = 0;  ///< size of the region files of the image's own set
  /// Part of data_bytes that shares its storage with other data.
  std::uint64_t deduplicated_bytes = 0;
  std::uint64_t sparse_bytes = 0;  ///< part of data_bytes that is not stored because it is zeros
  /// Files and directories that cannot be read completely. The unreadable parts are not counted
  /// elsewhere.
  std::uint64_t unreadable = 0;
  /// Executables that are stored as they are mapped into memory.
  std::uint64_t expanded_executables = 0;
  /// Executables (files that start with "MZ") that are stored unchanged: the reason and the number
  /// of files. Empty unless SummaryOptions::plain_executables is true.
  std::map<std::string, std::uint64_t> plain_executables;
};

/// A count or size of a summary.
struct SummaryFigure {
  std::string_view name;  ///< for programs, such as "data_bytes"; stable across releases
  std::uint64_t ImageSummary::*value = nullptr;
};

/// Returns all figures but the map `plain_executables`, in the order of `cim info --json`. They
/// have static storage duration.
CIM_EXPORT std::span<const SummaryFigure> summary_figures() noexcept;

/// How to summarize.
struct SummaryOptions {
  /// True to find executables that are stored unchanged, for which the first bytes of each file
  /// that is not expanded are read.
  bool plain_executables = true;
  /// Receives each file and directory that cannot be read, and the cause.
  WarningSink warning = {};
  std::stop_token stop = {};  ///< a request to stop ends the walk with kCancelled
};

/// Reads all metadata of the image once, and nothing else unless `options.plain_executables` is
/// true. Throws what Image::walk() throws. May be called from any thread.
CIM_EXPORT ImageSummary summarize(const Image& image, const SummaryOptions& options = {});

}  // namespace cim
