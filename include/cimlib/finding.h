// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// Findings of the checks of images (check.h) and of registry hives (hive.h).

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "cimlib/export.h"
#include "cimlib/file_info.h"

namespace cim {

/// How serious a finding is.
enum class Severity {
  kNote,     ///< valid, but worth knowing: for a hive, not what Windows or this library writes
  kWarning,  ///< readable, but breaks a rule for writers; for a hive, one that Windows relies on
  kFault,    ///< breaks the format: something cannot be read or reads wrong
};

/// Returns a name for programs: "note", "warning" or "fault". Names are stable across releases.
CIM_EXPORT std::string_view to_string(Severity severity) noexcept;

/// A kind of finding about an image. docs/findings.md lists all kinds. Instances and their text
/// have static storage duration.
struct FindingKind {
  std::string_view id;  ///< as in "header-length"; stable across releases
  Severity severity;
  std::string_view meaning;  ///< a phrase that describes the defect
};

/// One defect or note. Offsets are in bytes.
struct Finding {
  Severity severity = Severity::kFault;
  /// An element of finding_kinds(); null for a finding about a hive, and never for one about an
  /// image.
  const FindingKind* kind = nullptr;
  /// Path on the host of the image file concerned; empty for a hive.
  std::filesystem::path file = {};
  /// Position in that file, or in the hive, of the field or object concerned.
  std::optional<std::uint64_t> offset = {};
  FileId id = 0;  ///< file inside the image; 0 if the finding concerns no particular file
  /// Path inside the image, as "\Files\a.txt", or of the key of a hive; empty if unknown or none.
  /// A key's path of more than 1,000 bytes is shortened to "...\" and its end.
  std::string path = {};
  std::string stream = {};  ///< alternate stream; empty if the finding concerns none
  std::string text = {};    ///< description of the defect
};

/// Returns one line without a newline: "fault: FILE: at byte OFFSET: PATH: TEXT [KIND]", without
/// the parts that the finding does not have.
CIM_EXPORT std::string to_string(const Finding& finding);

}  // namespace cim
