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
// Reading an image stops at the first thing that is wrong; checking goes on, and tells of each what
// is wrong and where. Of an image with ancestors it looks at the ancestors' region sets as far as
// the image uses them.

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "cimlib/export.h"
#include "cimlib/file_info.h"
#include "cimlib/progress.h"

namespace cim {

enum class Severity {
  kNote,     ///< in order, and worth knowing
  kWarning,  ///< breaks a rule for writers that readers can live without
  kFault,    ///< breaks the format: something can't be read, or reads wrong
};

/// Name of a severity for programs: "note", "warning", "fault".
CIM_EXPORT std::string_view to_string(Severity severity) noexcept;

/// A kind of finding; docs/findings.md lists them.
struct FindingKind {
  std::string_view id;  ///< "header-length"; valid for ever
  Severity severity;
  std::string_view meaning;  ///< a phrase
};

/// All kinds, in the order in which an image is looked at.
CIM_EXPORT std::span<const FindingKind> finding_kinds() noexcept;

struct Finding {
  const FindingKind* kind = nullptr;
  std::filesystem::path file;           ///< of the host
  std::optional<std::uint64_t> offset;  ///< in that file, in bytes: of the field or the object
  FileId id = 0;                        ///< of the file in the image; 0 if it is about none
  std::string path;                     ///< in the image, as "\Files\a.txt"; empty if unknown
  std::string stream;                   ///< name of the alternate stream; empty if it is about none
  std::string text;                     ///< what is wrong
};

/// One line: "fault: FILE: at byte OFFSET: PATH: TEXT [KIND]".
CIM_EXPORT std::string to_string(const Finding& finding);

enum class CheckDepth {
  kStructure,  ///< all metadata; takes time by the number of files
  kDeep,       ///< also every object's digest, and that every byte belongs to one object; reads all
};

struct CheckOptions {
  CheckDepth depth = CheckDepth::kStructure;
  /// More findings than these are counted and not kept.
  std::size_t max_findings = 10000;
  /// Told how much of the region files has been read; deep checks only.
  ProgressSink progress = {};
  std::stop_token stop = {};
};

struct CheckReport {
  std::vector<Finding> findings;
  std::uint64_t faults = 0;  ///< those that were not kept included, as in the next two
  std::uint64_t warnings = 0;
  std::uint64_t notes = 0;

  std::uint64_t directories = 0;        ///< that names lead to, the root included
  std::uint64_t files = 0;              ///< each once, however many names it has
  std::uint64_t hard_linked_files = 0;  ///< of these, those with more than one name
  std::uint64_t names = 0;              ///< of files and directories
  std::uint64_t streams = 0;            ///< alternate ones
  std::uint64_t verified_objects = 0;   ///< whose bytes were compared with their digest
  std::uint64_t verified_bytes = 0;
  /// Objects of data that a deep check could not compare with a digest that cimlib knows: they have
  /// no object id, or one of another writer.
  std::uint64_t unverified_objects = 0;
  std::uint64_t unverified_bytes = 0;

  /// Neither faults nor warnings.
  bool is_clean() const noexcept { return faults == 0 && warnings == 0; }
};

/// Memory grows with the number of files, some tens of bytes each, and not with their size. Throws
/// where it can't look: kNotFound, kAccessDenied, kIo for the filesystem file, kCorrupt if that is
/// no CIM file at all, kUnsupported for versions that are not known and for merged images,
/// kCancelled on a request to stop.
CIM_EXPORT CheckReport check(const std::filesystem::path& image, const CheckOptions& options = {});

}  // namespace cim
