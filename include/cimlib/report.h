// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// A report on what an image or a store of layers contains and costs, as one HTML page for people.
//
//   const auto summary = cim::write_report("layers/7.cim", "7.html");

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <stop_token>
#include <vector>

#include "cimlib/export.h"
#include "cimlib/progress.h"

namespace cim {

/// How to write a report.
struct ReportOptions {
  /// Number of findings of each image's check to list; all are counted.
  std::size_t max_findings = 1000;
  ProgressSink progress = {};  ///< receives the number of entries read; the total is unknown
  WarningSink warning = {};    ///< receives what cannot be read and is therefore missing
  std::stop_token stop = {};   ///< a request to stop ends the call with kCancelled
  /// As in OpenOptions, for all images.
  std::vector<std::filesystem::path> region_directories = {};
};

/// Counts of a report.
struct ReportSummary {
  std::uint64_t images = 0;   ///< images, the parents of the one asked for included
  std::uint64_t entries = 0;  ///< names of files and directories, and removals, of all layers
  /// Entries, and images of a store, that could not be read completely. Each caused a warning.
  std::uint64_t unreadable = 0;
  std::uint64_t bytes = 0;  ///< size of the page
};

/// Writes a report to the file `page`, which is complete or as it was before. `source` is the
/// filesystem file of an image, whose parents in the same directory are included, or a directory of
/// images, or a store (store.h), whose images are in its subdirectory `cim-layers`.
///
/// The page contains everything that it shows and requests nothing. Each image is described by what
/// it adds to, replaces in and hides of its parent, its figures are those of summarize() and
/// check(). Needs memory for each entry. Reads all metadata of each image, the first bytes of files
/// that are stored unchanged, and the registry hives.
///
/// An existing file is replaced only if it is an HTML page; otherwise throws kExists. Throws
/// kNotFound if there is no image, kCancelled on a request to stop, and what opening an image
/// throws. May be called from any thread.
CIM_EXPORT ReportSummary write_report(const std::filesystem::path& source,
                                      const std::filesystem::path& page,
                                      const ReportOptions& options = {});

}  // namespace cim
