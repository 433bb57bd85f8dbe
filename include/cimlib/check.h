// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// Checking an image against the rules of the format.
//
//   const cim::CheckReport report = cim::check("layers/7.cim", {.depth = cim::CheckDepth::kDeep});
//   for (const cim::Finding& finding : report.findings) {
//     std::cout << to_string(finding) << '\n';
//   }
//   return report.is_clean() ? 0 : 1;
//
// Reading an image stops at the first defect. Checking continues after a defect and reports each
// one with its location. The region sets of an image's ancestors are checked as far as the image
// uses them.

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <stop_token>
#include <vector>

#include "cimlib/directory_listings.h"
#include "cimlib/export.h"
#include "cimlib/finding.h"
#include "cimlib/progress.h"

namespace cim {

/// Returns all kinds, in the order in which the parts of an image are checked.
CIM_EXPORT std::span<const FindingKind> finding_kinds() noexcept;

/// How much of an image is checked.
enum class CheckDepth {
  kStructure,  ///< all metadata; time grows with the number of files
  kDeep,       ///< also every digest, and that each byte belongs to one object; reads all data
};

/// How to check an image.
struct CheckOptions {
  CheckDepth depth = CheckDepth::kStructure;
  /// Number of findings to keep in the report. Further findings are only counted.
  std::size_t max_findings = 10000;
  /// Receives the number of bytes of the region files read so far. Deep checks only.
  ProgressSink progress = {};
  std::stop_token stop = {};  ///< a request to stop ends the check with kCancelled
  /// As in OpenOptions.
  std::vector<std::filesystem::path> region_directories = {};
  std::shared_ptr<DirectoryListings> listings = {};  ///< as in OpenOptions
};

/// The result of a check.
struct CheckReport {
  std::vector<Finding> findings;
  std::uint64_t faults = 0;  ///< includes findings that were not kept, as do the next two
  std::uint64_t warnings = 0;
  std::uint64_t notes = 0;

  std::uint64_t directories = 0;        ///< directories reachable by a name, the root included
  std::uint64_t files = 0;              ///< each file once, however many names it has
  std::uint64_t hard_linked_files = 0;  ///< files with more than one name
  std::uint64_t names = 0;              ///< names of files and directories
  std::uint64_t streams = 0;            ///< alternate streams
  std::uint64_t verified_objects = 0;   ///< objects whose bytes were compared with their digest
  std::uint64_t verified_bytes = 0;     ///< size of those objects
  /// Objects that a deep check could not verify, because they have no object id or one of an
  /// unknown kind, as other writers use, and their size.
  std::uint64_t unverified_objects = 0;
  std::uint64_t unverified_bytes = 0;

  /// Returns true if there are neither faults nor warnings.
  bool is_clean() const noexcept { return faults == 0 && warnings == 0; }
};

/// Checks the image whose filesystem file is `image`. Memory use is some tens of bytes per file and
/// does not depend on file sizes. Concurrent calls are safe, also on the same image.
///
/// Throws if the image cannot be checked at all: kNotFound, kAccessDenied or kIo for the filesystem
/// file, kCorrupt if that is not a CIM file, kUnsupported for unknown versions and merged images,
/// kCancelled on a request to stop.
CIM_EXPORT CheckReport check(const std::filesystem::path& image, const CheckOptions& options = {});

}  // namespace cim
