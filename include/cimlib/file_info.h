// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// The metadata that an image records for files, directories and streams.

#include <cstdint>
#include <string>

#include "cimlib/attributes.h"
#include "cimlib/filetime.h"

namespace cim {

/// Number of a file or directory in an image, from 1. All hard links of a file have the same id.
using FileId = std::uint32_t;

/// How the bytes of a stream are stored.
enum class Storage {
  kData,     ///< as they are
  kSparse,   ///< no data is stored; all bytes are zero
  kPeImage,  ///< an executable, stored as it is mapped into memory
};

/// Metadata of a file or directory.
struct FileInfo {
  FileId id = 0;
  /// Directory of the first link; 0 if the image does not record it (version 1).
  FileId parent = 0;
  std::uint32_t attributes = 0;  ///< attribute::k…, including kDirectory and kReparsePoint
  FileTimes times;
  std::uint64_t size = 0;  ///< bytes of the default stream; 0 for a directory
  Storage storage = Storage::kData;
  std::uint32_t reparse_tag = 0;  ///< 0 if it is not a reparse point
  std::uint32_t ea_size = 0;      ///< size in bytes of the extended attribute list
  bool has_streams = false;       ///< true if it has a table of alternate streams

  /// Returns true if the attributes say so.
  bool is_directory() const noexcept { return (attributes & attribute::kDirectory) != 0; }
  bool is_reparse_point() const noexcept { return (attributes & attribute::kReparsePoint) != 0; }
};

/// A name in a directory.
struct DirectoryEntry {
  std::u16string name;
  FileId id = 0;
};

/// An alternate stream.
struct StreamInfo {
  std::u16string name;     ///< without the leading `:` and the trailing `:$DATA`
  std::uint64_t size = 0;  ///< bytes
  Storage storage = Storage::kData;
};

}  // namespace cim
