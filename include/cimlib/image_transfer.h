// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// Copying and moving an image with all of its files, and the images that need a file.
//
//   cim::copy_image("images/tool.cim", "backup/tool.cim");
//   for (const cim::FileUse& use : cim::file_uses("images")) {
//     std::cout << use.file.path << " is needed by " << use.images.size() << " images\n";
//   }
//
// An image consists of its filesystem file, of region and object id files, and of those of its
// ancestors, all in one directory (gc.h). Copying the filesystem file alone copies nothing of use.
// The functions may be called from any thread.

#include <cstdint>
#include <filesystem>
#include <optional>
#include <stop_token>
#include <vector>

#include "cimlib/export.h"
#include "cimlib/gc.h"
#include "cimlib/lock.h"
#include "cimlib/progress.h"

namespace cim {

/// How to copy or move an image.
struct TransferOptions {
  /// As in OpenOptions; for copy_image() only, which then collects the files.
  std::vector<std::filesystem::path> region_directories = {};
  LockTimeout lock_timeout = {};  ///< for the locks of both directories
  ProgressSink progress = {};     ///< receives bytes copied and their total
  std::stop_token stop = {};      ///< a request to stop ends the transfer with kCancelled
};

/// A file of an image that was copied or moved.
struct TransferredFile {
  std::filesystem::path source;
  std::filesystem::path target;
  std::uint64_t size = 0;  ///< bytes
  /// The target directory already had the same bytes under that name, in any case, as with the
  /// files of an ancestor that another image there shares.
  bool was_there = false;
  /// The source was kept because other images there need it. Never set by copy_image().
  bool is_kept = false;
};

/// Copies an image with all files that it needs. `target` is the new filesystem file; its directory
/// must exist and may be that of `image`, in which case both images share their region files.
/// Object id files are copied if they exist. Names of region and object id files in another case
/// are changed to those that cimlib and Windows use.
///
/// The filesystem file gets its name last, after everything else is on disk, so that `target` is
/// complete or does not exist. After a failure nothing that was copied remains; after a crash, only
/// files that collect_garbage() removes. Both directories are locked, shared.
///
/// Throws kExists if `target` exists, or a file of the same name with other bytes; kNotFound,
/// naming it, if a region file is missing; kBusy, kCancelled, kNoSpace, kIo, and what reading the
/// filesystem file throws.
CIM_EXPORT std::vector<TransferredFile> copy_image(const std::filesystem::path& image,
                                                   const std::filesystem::path& target,
                                                   const TransferOptions& options = {});

/// Copies an image as above and then removes it as destroy_image() does. Files are not copied but
/// linked if both directories are on one file system. Files that other images need remain. After a
/// failure or a crash the image is at its old place, complete, or at both. Both directories are
/// locked exclusively.
///
/// Throws as copy_image() does, and kBusy, naming them and before anything is copied, if forks of
/// the image need its files and the target is in another directory.
CIM_EXPORT std::vector<TransferredFile> move_image(const std::filesystem::path& image,
                                                   const std::filesystem::path& target,
                                                   const TransferOptions& options = {});

/// A file in a directory of images.
struct FileUse {
  ImageFile file;  ///< is_own has no meaning
  /// The image that wrote the file; nullopt if it does not exist any more and only its forks do.
  std::optional<std::filesystem::path> owner;
  /// The images that need it, sorted by name, the owner included. Empty for garbage.
  std::vector<std::filesystem::path> images;
};

/// Returns all files of the images in a directory and, if it is a store of layers, in its
/// subdirectory `cim-layers`, sorted by path, with those that an image needs but that are missing,
/// and garbage. Throws as find_garbage() does.
CIM_EXPORT std::vector<FileUse> file_uses(const std::filesystem::path& directory);

}  // namespace cim
