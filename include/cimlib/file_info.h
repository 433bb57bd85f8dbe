// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// What an image tells about a file, a directory or a stream.

#include <cstdint>
#include <string>

#include "cimlib/attributes.h"
#include "cimlib/filetime.h"

namespace cim {

/// Number of a file or directory in an image, from 1 on; all hard links of a file share it.
using FileId = std::uint32_t;

/// How the bytes of a stream are stored.
enum class Storage {
  kData,     ///< as they are
  kSparse,   ///< all zeros, without data
  kPeImage,  ///< an executable, laid out as it is mapped into memory
};

struct FileInfo {
  FileId id = 0;
  FileId parent = 0;  ///< the first link's directory; 0 where the image does not say (version 1)
  std::uint32_t attributes = 0;  ///< attribute::k…, with kDirectory and kReparsePoint
  FileTimes times;
  std::uint64_t size = 0;  ///< bytes of the default stream; 0 for a directory
  Storage storage = Storage::kData;
  std::uint32_t reparse_tag = 0;  ///< 0 if it is no reparse point
  std::uint32_t ea_size = 0;      ///< bytes of extended attributes
  bool has_streams = false;       ///< whether there is a table of alternate streams

  bool is_directory() const noexcept { return (attributes & attribute::kDirectory) != 0; }
  bool is_reparse_point() const noexcept { return (attributes & attribute::kReparsePoint) != 0; }
};

struct DirectoryEntry {
  std::u16string name;
  FileId id = 0;
};

struct StreamInfo {
  std::u16string name;  ///< without `:` and `:$DATA`
  std::uint64_t size = 0;
  Storage storage = Storage::kData;
};

}  // namespace cim
