// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// The file system that an extraction writes Windows metadata to, as extended attributes: NTFS with
// ntfs-3g, or any other that has them.

#include <string>
#include <vector>

#include "image/host/metadata_xattrs.h"

namespace cim {

class MetadataTarget {
 public:
  /// Examines the file system of an open directory. Throws kUnsupported if it has no extended
  /// attributes; `path` is for the message.
  MetadataTarget(int directory, const std::string& path);

  /// Writes the metadata of an open file or directory. Returns a phrase for each part that the file
  /// system cannot store. Throws kIo and the like.
  std::vector<std::string> write(int descriptor, const HostMetadata& metadata,
                                 const std::string& path) const;
  /// Sets the times again, after the contents of a directory were written. Returns false if the
  /// system's own call must set them.
  bool write_times(int descriptor, const FileTimes& times) const;
  /// Writes an alternate stream; returns false if the file system cannot store it.
  bool write_stream(int descriptor, const std::string& name, ByteView contents,
                    const std::string& path) const;

 private:
  bool is_ntfs_ = false;
};

}  // namespace cim
