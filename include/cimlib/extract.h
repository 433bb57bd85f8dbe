// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// Taking files out of an image, into a directory of this system.
//
//   cim::Image image("layers/7.cim");
//   cim::extract(image, cim::ImagePath::parse("Files/Windows"), "windows");

#include <cstdint>
#include <filesystem>
#include <stop_token>

#include "cimlib/export.h"
#include "cimlib/image.h"
#include "cimlib/image_path.h"
#include "cimlib/progress.h"

namespace cim {

struct ExtractOptions {
  ProgressSink progress = {};  ///< bytes of the files and streams written
  WarningSink warning = {};
  std::stop_token stop = {};
};

/// What was made.
struct ExtractSummary {
  std::uint64_t directories = 0;
  std::uint64_t files = 0;
  std::uint64_t hard_links = 0;  ///< names of files beyond the first
  std::uint64_t symlinks = 0;
  std::uint64_t streams = 0;
  std::uint64_t bytes = 0;
  std::uint64_t copied_links = 0;  ///< of `files`, names that are copies: no link could be made
  /// What was left out, as it can't be read or this system can't have it; a warning told of each.
  std::uint64_t skipped = 0;
};

/// Writes what is below `from` into the directory `destination`, or `from` itself if it is a file.
/// The directory must be empty, or is made.
///
/// Kept are data, hard links, and the times of writing and access; an alternate stream becomes a
/// file "NAME:STREAM" beside the first name of its file. Names are WTF-8. Symbolic links and
/// junctions become symbolic links: those that lead to drive C lead to what stands for it, as a
/// relative path (in a layer `Files`, otherwise the root of the image); none leads above that.
/// Other reparse points are written as what they are without that (with a warning), and everything
/// else that an image keeps is left out. A file with more names than this system allows is copied.
///
/// What can't be read of the image, such as files whose region is missing, is left out with a
/// warning, and so is what this system can't have, such as names that are too long; all others are
/// written.
///
/// Nothing outside of `destination` is ever written, whatever the image holds: each step down is
/// made without following links, and everything is made new. Throws kExists if the directory is not
/// empty or a name is there already, kNotFound if `from` is not in the image, kCancelled, kNoSpace,
/// kAccessDenied, kIo, and what Image::walk() throws; what was written till then stays.
CIM_EXPORT ExtractSummary extract(const Image& image, const ImagePath& from,
                                  const std::filesystem::path& destination,
                                  const ExtractOptions& options = {});

}  // namespace cim
