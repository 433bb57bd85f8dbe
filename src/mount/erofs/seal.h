// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// What stands behind the blocks of a metadata image in its file: what is to be known of it without
// making it anew, and a checksum by which it is known to be whole. The kernel does not look at it.

#include <filesystem>
#include <optional>

#include "cimlib/guid.h"

#include "mount/erofs/builder.h"
#include "os/file.h"

namespace cim::mount::erofs {

struct Notes {
  std::filesystem::path image{};  ///< made from this one
  Probe probe{};
  Omissions omissions{};
};

/// Adds the notes and the checksum at the end of a file with a metadata image.
void seal(File& file, const Guid& key, const Notes& notes);

/// The notes of a sealed file. Nothing if it is not one, or not with that key, or has changed in
/// any bit. Reads all of it, so that the kernel has it at hand.
std::optional<Notes> check_seal(const File& file, const Guid& key);

/// The same without a look at anything else, for those who only want to know what it was made from.
std::optional<Notes> read_notes(const File& file);

}  // namespace cim::mount::erofs
