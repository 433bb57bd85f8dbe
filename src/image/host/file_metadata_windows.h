// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// Writes the metadata of NTFS to files that an extraction has made.

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "cimlib/file_info.h"
#include "cimlib/image.h"

#include "image/host/extract_output.h"
#include "os/nt_file_windows.h"

namespace cim {

/// Leaves out what cannot be stored, with a warning, and counts it as skipped. Counts what a user
/// without an administrator's privileges cannot set, for one warning at the end.
class MetadataWriter {
 public:
  /// `writes_audit_entries` says whether files are open with ACCESS_SYSTEM_SECURITY. The references
  /// must outlive this object.
  MetadataWriter(const Image& image, ExtractOutput& output, bool writes_audit_entries,
                 ExtractOutput::PathOf path_of);

  /// kNoLink leaves out the reparse data of symbolic links and mount points.
  enum Reparse { kAll, kNoLink };
  /// Writes everything except data and streams. Returns false, after a warning, if the file should
  /// be a link but cannot be one; it must then be removed.
  bool write(HANDLE file, const std::string& name, const FileInfo& info, Reparse reparse);
  /// Writes attributes and times.
  void write_basic(HANDLE file, const std::string& name, const FileInfo& info);

  /// Warns of what was counted.
  void report_omitted();

 private:
  void write_eas(HANDLE file, const std::string& name, const FileInfo& info);
  void write_descriptor(HANDLE file, const std::string& name, const FileInfo& info);
  bool write_reparse_data(HANDLE file, const std::string& name, const FileInfo& info);
  void not_stored(NTSTATUS status, const std::string& name, std::string_view what);

  const Image& image_;
  ExtractOutput& output_;
  bool writes_audit_entries_;
  ExtractOutput::PathOf path_of_;
  std::map<std::string_view, std::uint64_t> omitted_;  // numbers of entries
};

}  // namespace cim
