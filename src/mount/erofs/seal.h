// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// The seal after the last block of a metadata image file: what has to be known about the image
// without building it again, and a checksum to verify it. The kernel ignores it.

#include <filesystem>
#include <optional>

#include "cimlib/guid.h"

#include "mount/erofs/builder.h"
#include "os/file.h"

namespace cim::mount::erofs {

struct Notes {
  std::filesystem::path image{};  ///< the image that it was made from
  Probe probe{};
  Omissions omissions{};
};

/// Appends the notes and the checksum to a file with a metadata image.
void seal(File& file, const Guid& key, const Notes& notes);

/// Returns the notes of a sealed file; nullopt if it is not sealed, has another key, or any bit has
/// changed. Reads the whole file, so that it is in the page cache for the kernel.
std::optional<Notes> check_seal(const File& file, const Guid& key);

/// Returns the notes without verifying the file, to find out what it was made from.
std::optional<Notes> read_notes(const File& file);

}  // namespace cim::mount::erofs
