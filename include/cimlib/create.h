// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// Creating an image from a directory of the host.
//
//   cim::create_image("images/tools.cim", "tools");

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <stop_token>
#include <string>
#include <vector>

#include "cimlib/export.h"
#include "cimlib/glob.h"
#include "cimlib/image_writer.h"
#include "cimlib/progress.h"

namespace cim {

/// Security descriptors of files that have none of their own, self-relative. Instead of an empty
/// one the file gets kDefaultSecurityDescriptor.
struct DefaultDescriptors {
  std::vector<std::byte> root = {};
  std::vector<std::byte> directory = {};  ///< of each directory but the root
  std::vector<std::byte> file = {};       ///< of everything else
};

/// How to create an image.
struct CreateOptions {
  /// If `base` is set, the image starts from that one and gets only what differs: data are compared
  /// with the base's, and what the directory lacks is removed.
  /// If `reproducible` is set, all four times of a file without NTFS metadata are its last write
  /// time, because the others depend on when the directory was copied or read. On Windows this
  /// applies to every file.
  WriterOptions writer = {};
  /// True to read the metadata that extract() has written with the option of the same name. It has
  /// no effect on files with NTFS metadata.
  bool metadata = false;
  DefaultDescriptors descriptors = {};
  /// Patterns for paths below the directory, of which all that match one are omitted with
  /// everything below them.
  std::vector<Glob> excludes = {};
  ProgressSink progress = {};  ///< receives bytes of files and streams; the total is unknown
  WarningSink warning = {};    ///< receives one line for everything that is skipped
  std::stop_token stop = {};   ///< a request to stop; also ends the wait of `writer.lock_timeout`
};

/// Counts of what was read into an image.
struct CreateSummary {
  std::uint64_t directories = 0;  ///< the root included
  std::uint64_t files = 0;
  std::uint64_t hard_links = 0;  ///< names of files beyond the first of each
  std::uint64_t links = 0;       ///< symbolic links and mount points
  std::uint64_t streams = 0;     ///< alternate streams
  std::uint64_t bytes = 0;       ///< size of all files and streams
  /// Entries that an image cannot store. Each caused a warning.
  std::uint64_t skipped = 0;
  /// Names of extended attributes that have no meaning for Windows (such as POSIX access control
  /// lists and SELinux labels) and the number of entries that have each. Each name caused a
  /// warning.
  std::map<std::string, std::uint64_t> foreign_attributes;
  /// Result of the commit.
  CommitSummary image;
};

/// Writes an image whose root is `directory`, with the directory's metadata and everything below
/// it. Each file is read once. Symbolic links are not followed; mount points are.
///
/// NTFS security descriptors, attributes, times, reparse data and extended attributes are read from
/// the extended attributes `system.ntfs_acl`, `…_attrib`, `…_times`, `…_reparse_data` and `…_ea`,
/// which ntfs-3g and the mounts of cimlib provide. Without them, a file has the host's times and is
/// read-only if its mode allows no user to write. A symbolic link becomes a Windows symbolic link
/// with `\` for `/`; it becomes a directory link if it leads to a directory inside `directory`,
/// which counts as `/`.
///
/// An extended attribute `user.NAME` becomes the stream NAME, and so does a file "FILE:NAME" beside
/// FILE, as extract() writes it. Holes in files take no space in the image. Entries that an image
/// cannot store are skipped with a warning: names that are not WTF-8 or not valid on Windows;
/// devices, sockets and pipes; and all but the first of several files or streams whose names are
/// equal on Windows (in byte order, extended attributes before files).
///
/// On Windows everything is read from NTFS itself: descriptors, attributes, the four times,
/// streams, extended attributes, reparse data, hard links and holes. No reparse point is followed;
/// a directory that is a link or a mount point is stored without entries. Files that Windows has
/// deduplicated or compressed by a reparse point are stored as plain files. The privileges for
/// backup and audit entries are enabled for the calling thread if the user holds them; without the
/// latter, audit entries are omitted with one warning. docs/windows.md has the details.
///
/// Throws what ImageWriter throws; kNotFound and kAccessDenied for a file that cannot be read, kIo
/// for a file that shrinks while it is read, kCorrupt for malformed NTFS metadata, kInvalidArgument
/// if the image would be inside `directory`, kCancelled on a request to stop. On failure no part of
/// the new image remains. May be called from any thread; two calls for images in one directory
/// exclude each other (lock.h).
CIM_EXPORT CreateSummary create_image(const std::filesystem::path& image,
                                      const std::filesystem::path& directory,
                                      const CreateOptions& options = {});

}  // namespace cim
