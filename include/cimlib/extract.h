// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// Extracting files from an image to a directory of the host.
//
//   cim::Image image("layers/7.cim");
//   cim::extract(image, cim::ImagePath::parse("Files/Windows"), "windows");

#include <cstdint>
#include <filesystem>
#include <functional>
#include <stop_token>
#include <string>
#include <vector>

#include "cimlib/export.h"
#include "cimlib/image.h"
#include "cimlib/image_path.h"
#include "cimlib/progress.h"

namespace cim {

/// How to extract.
struct ExtractOptions {
  ProgressSink progress = {};  ///< receives the bytes of files and streams written
  WarningSink warning = {};    ///< receives one line for each entry that is skipped or changed
  /// Receives each entry that is skipped, instead of a warning: its path in the image and the
  /// cause.
  std::function<void(const std::string& path, const Error& error)> failure = {};
  /// Paths from the root to extract, each with everything below it; the directories above them are
  /// created too. If empty, everything is extracted. Needs the root as the start.
  std::vector<ImagePath> paths = {};
  /// True to keep all metadata, as far as the file system can: on NTFS mounted by ntfs-3g as
  /// `system.ntfs_*` attributes, otherwise as attributes `user.cim.*`, which create_image() reads
  /// with the option of the same name. Reparse points are then written as plain files and
  /// directories, except on NTFS. What cannot be stored is skipped. On Windows everything is always
  /// kept.
  bool metadata = false;
  /// True to compare contents with the object ids of the image: files that do not match are
  /// skipped. Reads each object twice.
  bool verifies = false;
  std::stop_token stop = {};  ///< a request to stop ends the extraction with kCancelled
};

/// Counts of what was written.
struct ExtractSummary {
  std::uint64_t directories = 0;
  std::uint64_t files = 0;
  std::uint64_t hard_links = 0;  ///< names of files beyond the first of each
  std::uint64_t symlinks = 0;    ///< symbolic links, and on Windows mount points
  std::uint64_t streams = 0;     ///< alternate streams
  std::uint64_t bytes = 0;       ///< size of all files and streams
  /// Names beyond the first that became copies because the host allows no more hard links to the
  /// file; included in `files`.
  std::uint64_t copied_links = 0;
  /// Entries that could not be read or that the host cannot store. Each caused a warning. On
  /// Windows, also metadata that could not be stored; what an unprivileged user cannot set (owners,
  /// audit entries) is counted for each entry and caused one warning for all.
  std::uint64_t skipped = 0;
};

/// Writes everything below `from` into the directory `destination`, or `from` itself if it is a
/// file. `destination` must be empty or missing; it is created if missing.
///
/// Data, hard links and the times of last write and last access are preserved. An alternate stream
/// becomes a file "NAME:STREAM" beside the first name of its file. Names are written as WTF-8.
/// Symbolic links and junctions become symbolic links: a target on drive C becomes a relative path
/// to the directory that represents it (`Files` in a layer, otherwise the root of the image), and
/// no link leads above that. Other reparse points are written as plain files or directories, with a
/// warning. All other metadata is dropped. If the host's limit of hard links is reached, the file
/// is copied.
///
/// Entries that cannot be read from the image, such as files whose region is missing, and entries
/// that the host cannot store, such as names that are too long, are skipped with a warning; all
/// others are written.
///
/// On Windows everything that NTFS has is written instead: descriptors, attributes, the four times,
/// streams, extended attributes, reparse data, hard links and holes. Links keep their targets. The
/// default descriptor of files without one of their own is not written; such a file inherits one.
/// The privileges for backup, restore and audit entries are enabled for the calling thread if the
/// user holds them. docs/windows.md has the details.
///
/// Nothing outside `destination` is written, whatever the image contains: directories are opened
/// without following links, and every entry is newly created. Throws kExists if `destination` is
/// not empty or a name already exists, kNotFound if `from` is not in the image, kCancelled,
/// kNoSpace, kAccessDenied, kIo, and what Image::walk() throws. After a failure, the entries
/// already written remain. May be called from any thread; no other process may change `destination`
/// meanwhile.
CIM_EXPORT ExtractSummary extract(const Image& image, const ImagePath& from,
                                  const std::filesystem::path& destination,
                                  const ExtractOptions& options = {});

}  // namespace cim
