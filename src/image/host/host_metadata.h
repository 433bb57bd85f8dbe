// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// The metadata of a file of the host, in the form used in images.

#include <cstdint>

#include "cimlib/filetime.h"
#include "cimlib/image_writer.h"

#include "base/bytes.h"
#include "image/host/host_entry.h"

namespace cim {

/// Metadata of a file in an image, with the objects that it refers to.
struct HostMetadata {
  std::uint32_t attributes = 0;
  FileTimes times;
  Bytes security_descriptor;
  Bytes extended_attributes;
  Bytes reparse_data;
  bool is_from_ntfs = false;  ///< true if the file has the metadata of NTFS

  FileMetadata view() const {
    return {.attributes = attributes,
            .times = times,
            .security_descriptor = security_descriptor,
            .extended_attributes = extended_attributes,
            .reparse_data = reparse_data};
  }
};

/// Returns what NTFS stores for a file; on other file systems, what POSIX provides. A symbolic link
/// without reparse data has none in the result either. Throws kCorrupt, naming the file, for values
/// that are not in the form of NTFS.
HostMetadata metadata_of(const HostEntry& entry, TimesOfFiles which);

}  // namespace cim
