// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// Creating an image from an image of a WIM file.
//
//   cim::wim::create_image("images/tools.cim", "tools.wim", {.index = 1});
//
// A build without CIMLIB_BUILD_WIM recognizes no WIM files, and create_image() throws kUnsupported.

#include <cstdint>
#include <filesystem>

#include "cimlib/create.h"
#include "cimlib/export.h"

namespace cim::wim {

/// Returns true if a regular file starts as a WIM file does; its name has no influence. Throws
/// kNotFound, kAccessDenied and kIo.
CIM_EXPORT bool is_wim(const std::filesystem::path& file);

/// How to create an image from a WIM file.
struct CreateOptions {
  /// Number of the image in the WIM file, from 1; 0 for the only one.
  std::uint32_t index = 0;
  WriterOptions writer = {};
  ProgressSink progress = {};  ///< receives bytes of files and streams; the total is unknown
  /// Receives a line for each entry that is skipped. Also a line for each kind of metadata that an
  /// image cannot store, which are short names and object ids, with their number.
  WarningSink warning = {};
  std::stop_token stop = {};  ///< a request to stop; also ends the wait of `writer.lock_timeout`
};

/// Writes an image with everything that an image of a WIM file has: files, hard links, streams,
/// descriptors, attributes, times and reparse data. WIM files have no time of change; it becomes
/// that of the last write. libwim does not pass on extended attributes, nor the data that a reparse
/// point has besides. Each file is compared with its SHA-1 digest while it is read. Entries that an
/// image cannot store are skipped, a directory with all that is in it: encrypted files, names that
/// are not valid on Windows, and all but one of those that differ only in case.
///
/// Throws kNotFound if there is no image of that number, kInvalidArgument if the number is 0 and
/// there are several; kUnsupported for split, solid (.esd) and pipable WIM files; kCorrupt for
/// damaged ones; kCancelled; and what ImageWriter throws. On failure no part of the new image
/// remains.
CIM_EXPORT CreateSummary create_image(const std::filesystem::path& image,
                                      const std::filesystem::path& wim,
                                      const CreateOptions& options = {});

}  // namespace cim::wim
