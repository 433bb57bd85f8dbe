// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// Making an image of a directory of this system.
//
//   cim::create_image("images/tools.cim", "tools");

#include <cstdint>
#include <filesystem>
#include <map>
#include <stop_token>
#include <string>

#include "cimlib/export.h"
#include "cimlib/image_writer.h"
#include "cimlib/progress.h"

namespace cim {

struct CreateOptions {
  /// With `reproducible`, the times of files without NTFS metadata are all those of the last
  /// writing, as the others depend on when the directory was copied or read.
  WriterOptions writer = {};
  ProgressSink progress = {};  ///< bytes of files and streams; the total is not known
  WarningSink warning = {};
  std::stop_token stop = {};  ///< ends the wait of `writer.lock_timeout` too, whatever that says
};

/// What was taken in.
struct CreateSummary {
  std::uint64_t directories = 0;  ///< the root included
  std::uint64_t files = 0;
  std::uint64_t hard_links = 0;  ///< names of files beyond the first
  std::uint64_t links = 0;       ///< symbolic links and mount points
  std::uint64_t streams = 0;
  std::uint64_t bytes = 0;  ///< of files and streams
  /// What an image can't hold; a warning told of each.
  std::uint64_t skipped = 0;
  /// The names of extended attributes that are of this system alone (access control lists of POSIX,
  /// labels of SELinux), and how many entries have each; a warning told of each name.
  std::map<std::string, std::uint64_t> foreign_attributes;
  CommitSummary image;
};

/// Writes the image of all that is below `directory`; with it as root, and its metadata as the
/// root's. Each file is read once. Symbolic links are never followed; mounts are.
///
/// Descriptors, attributes, times, reparse data and extended attributes of NTFS come from the
/// extended attributes `system.ntfs_acl`, `…_attrib`, `…_times`, `…_reparse_data` and `…_ea`, as
/// ntfs-3g and the mount of cimlib offer them. Where there are none, a file has the times of the
/// host, is read-only if nobody may write to it, and symbolic links become those of Windows: with
/// `\` for `/`, and for a directory if they lead to one in `directory`, taken as `/`.
///
/// Extended attributes `user.NAME` become streams NAME, and so do files "FILE:NAME" beside FILE, as
/// extract() writes them. Holes of files take no place on the disk either. What an image can't hold
/// is left out with a warning: names that are no WTF-8 or that Windows can't have, all but the
/// first (in the order of their bytes, extended attributes before files) of names that are the same
/// to Windows, of files as of streams, and devices, sockets and pipes.
///
/// Throws what ImageWriter throws; kNotFound and kAccessDenied for what can't be read, kIo for a
/// file that becomes shorter meanwhile, kCorrupt for NTFS metadata that is none, kInvalidArgument
/// if the image would lie in `directory`, kCancelled. Then nothing is left of the new image.
CIM_EXPORT CreateSummary create_image(const std::filesystem::path& image,
                                      const std::filesystem::path& directory,
                                      const CreateOptions& options = {});

}  // namespace cim
