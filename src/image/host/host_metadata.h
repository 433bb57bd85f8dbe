// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// What is known of a file of this system, as an image has it.

#include <cstdint>

#include "cimlib/filetime.h"
#include "cimlib/image_writer.h"

#include "base/bytes.h"
#include "image/host/host_entry.h"

namespace cim {

/// Metadata of an image's file, with what it points to.
struct HostMetadata {
  std::uint32_t attributes = 0;
  FileTimes times;
  Bytes security_descriptor;
  Bytes extended_attributes;
  Bytes reparse_data;
  bool is_from_ntfs = false;

  FileMetadata view() const {
    return {.attributes = attributes,
            .times = times,
            .security_descriptor = security_descriptor,
            .extended_attributes = extended_attributes,
            .reparse_data = reparse_data};
  }
};

/// What NTFS keeps of a file; where its file system is none, what there is of POSIX. A symbolic
/// link without reparse data has none in the answer either. Throws kCorrupt for what is not as NTFS
/// has it, naming the file.
HostMetadata metadata_of(const HostEntry& entry, TimesOfFiles which);

}  // namespace cim
