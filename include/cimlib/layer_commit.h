// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// Making a layer from the changes of a writable mount.
//
//   cim::layer::commit("scratch", "store/8", {"store/7"});
//
// A writable mount stores changes in the upper directory of an overlay (mount.h, Options::upper),
// as the kernel's overlayfs or fuse-overlayfs writes it. The new layer has what the mount showed.
// A file that the overlay copied there because it was changed keeps the NTFS metadata that it has
// in the parents.

#include <cstdint>
#include <filesystem>
#include <map>
#include <stop_token>
#include <string>
#include <vector>

#include "cimlib/export.h"
#include "cimlib/image_writer.h"
#include "cimlib/layer_paths.h"
#include "cimlib/layer_writer.h"
#include "cimlib/progress.h"

namespace cim::layer {

/// How to commit a layer.
struct CommitOptions {
  /// How the image is written. `base` must be empty, because the parents determine it. If
  /// `reproducible` is set, new and changed files have their last write time as access and change
  /// time, and new ones as creation time too.
  WriterOptions writer = {.lock_mode = LockMode::kShared, .lock_timeout = kImportLockTimeout};
  MadeTimes made_times = MadeTimes::kNow;  ///< as in LayerOptions
  /// False if the mount did not show alternate streams as extended attributes: changed files then
  /// keep all streams that they have in the parents.
  bool had_stream_attributes = true;
  ProgressSink progress = {};  ///< receives bytes of files and streams; the total is unknown
  WarningSink warning = {};    ///< receives what is not stored, and oddities of the layer
  std::stop_token stop = {};   ///< a request to stop; also ends the wait of `writer.lock_timeout`
};

/// Counts of what a layer changes.
struct CommitResult {
  std::uint64_t directories = 0;  ///< new or changed, and those above other changes
  std::uint64_t files = 0;        ///< new or changed
  std::uint64_t hard_links = 0;   ///< names of files beyond the first of each
  std::uint64_t links = 0;        ///< symbolic links
  std::uint64_t streams = 0;      ///< alternate streams of all of these
  std::uint64_t bytes = 0;        ///< size of these files and streams
  /// Files and directories of the parents that were removed or replaced, each without what is
  /// below it.
  std::uint64_t removed = 0;
  /// Names of extended attributes that have no meaning for Windows and the number of entries that
  /// have each. Each name caused a warning.
  std::map<std::string, std::uint64_t> foreign_attributes;
  CommitSummary image;  ///< result of the image's commit
};

/// Creates a layer on top of `parents`, the immediate parent first and at least one, from the upper
/// directory of an overlay whose lower directory was a mount of the immediate parent's image.
/// `upper` is that directory, or the one above its `upper` and `work`, as Options::upper names it.
/// The overlay must be unmounted (kBusy); one of fuse-overlayfs, which is not recognized, too.
///
/// Names match exactly, as in an overlay. Hidden names and opaque directories are recognized in
/// all forms: the device 0:0, `trusted.overlay.*`, `user.overlay.*`, `user.fuseoverlayfs.*`,
/// `.wh.NAME`, `.wh..wh..opq`. Only root can read attributes `trusted.*`; for other users there is
/// a warning unless the directory has those of a user.
///
/// A changed file has its contents, last write time and read-only state from the upper directory,
/// and its alternate streams, except those that mounts cannot show. All else is that of the file
/// that was copied, even if it has another name now: descriptor, other attributes, creation time,
/// extended attributes, reparse data. So does a new file in place of one that has several names in
/// the parent, since overlayfs does not tell it from a changed one; but it has no streams of that
/// one if `had_stream_attributes` is true. If such a file was changed, its streams that mounts
/// cannot show are kept only if the copy has attributes from the mount. Other new files have what
/// create_image() gives them. A symbolic link with another target becomes a Windows symbolic link,
/// whose target is resolved as text; `/` is the root of its drive.
///
/// Throws kUnsupported for what a layer cannot have: devices, sockets and pipes; names that differ
/// only in case from each other or from one of the parent; streams changed as files FILE:NAME;
/// directories that were renamed and files without data that refer to the image (redirect_dir and
/// metacopy of overlayfs). Throws kInvalidArgument for names that Windows does not allow and for
/// entries outside Files, Hives and UtilityVM, kCorrupt for hidden names that a layer may not hide
/// and for malformed NTFS metadata, kBusy for a file that is replaced while it is read, and what
/// create_image() and LayerWriter throw. On failure no part of the new layer remains. Not available
/// on Windows (kUnsupported).
CIM_EXPORT CommitResult commit(const std::filesystem::path& upper, const LayerPaths& layer,
                               const std::vector<LayerPaths>& parents,
                               const CommitOptions& options = {});

}  // namespace cim::layer
