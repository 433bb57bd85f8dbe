// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// Container layers. A layer is a directory of sidecar files and an image, by default in the
// directory `cim-layers` beside it (layer_paths.h). The parent directory of both is called the
// store.
//
//   cim::layer::import_tar("base.tar.gz", "store/base");
//   cim::layer::import_tar("top.tar.gz", "store/top", {"store/base"});
//   ... mount cim::layer::cim_path("store/top"), as layer_mount.h shows ...
//   cim::layer::destroy("store/top");   // before the layers below it
//
// The image has up to three directories: Files is the root of the container's drive C, Hives has
// the layer's changes of registry hives (hive.h), UtilityVM the files of a utility VM
// (utility_vm.h). A tar has no entries elsewhere. A layer without parents is a base layer; any
// other layer starts with all entries of its immediate parent.
//
// The functions may be called from several threads and processes at once, also for one store; those
// that change a store lock it (lock.h).

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "cimlib/byte_streams.h"
#include "cimlib/directory_listings.h"
#include "cimlib/export.h"
#include "cimlib/image_writer.h"
#include "cimlib/layer_paths.h"
#include "cimlib/layer_writer.h"
#include "cimlib/lock.h"
#include "cimlib/progress.h"
#include "cimlib/utility_vm.h"

namespace cim::layer {

/// Returns true if the file cim_path(layer) exists. As in hcsshim, any failure to access it counts
/// as false; the functions that create, export and remove layers report such failures.
CIM_EXPORT bool is_cim_layer(const std::filesystem::path& layer) noexcept;

/// Limits of one import, so that a small compressed tar cannot fill the disk or memory.
struct ImportLimits {
  /// Maximum size in bytes of the unpacked tar, and of all its files and streams.
  std::uint64_t size = std::uint64_t{1} << 40;
  std::uint64_t entries = std::uint64_t{1} << 24;  ///< maximum number of entries
};

/// How to import a layer.
struct ImportOptions {
  /// How the image is written. `base` must be empty, because the parents determine it.
  WriterOptions writer = {.lock_mode = LockMode::kShared, .lock_timeout = kImportLockTimeout};
  UtilityVmOptions utility_vm = {};
  MadeTimes made_times = MadeTimes::kNow;  ///< as in LayerOptions
  /// Required digest of the unpacked tar, "sha256:" and 64 lower-case digits; OCI image
  /// configurations call it the layer's diff id. With another digest nothing is imported
  /// (kCorrupt).
  std::optional<std::string> diff_id = {};
  /// Required digest of the tar as stored, compressed or not, in the same form. With another digest
  /// nothing is imported (kCorrupt).
  std::optional<std::string> blob_digest = {};
  /// True to compute ImportResult::diff_id. The digest is also computed if `diff_id` is set.
  bool computes_diff_id = false;
  /// Path of a file that gets the record of the tar: what it has besides contents of files, in a
  /// form of its own. With it, an export can make the same bytes again. It replaces an existing
  /// file when the whole tar was read, before the layer is complete.
  std::optional<std::filesystem::path> tar_record = {};
  ImportLimits limits = {};
  ProgressSink progress = {};  ///< receives bytes of the tar as stored, and entries
  WarningSink warning = {};    ///< receives oddities of the tar and the layer
  std::stop_token stop = {};   ///< a request to stop; also ends the wait of `writer.lock_timeout`
};

/// The result of an import.
struct ImportResult {
  std::uint64_t size = 0;     ///< sum of the sizes of the regular files in the tar
  std::uint64_t entries = 0;  ///< entries of the tar
  /// The amount that counts towards ImportLimits::size: the size of the unpacked tar or of all its
  /// files and streams, whichever is larger.
  std::uint64_t unpacked_size = 0;
  /// Size of the unpacked tar, up to the end of the input: what follows the tar's end marker, such
  /// as padding, counts.
  std::uint64_t tar_size = 0;
  /// Digest of these bytes, "sha256:" and 64 lower-case digits. Empty unless
  /// ImportOptions::computes_diff_id or ImportOptions::diff_id is set.
  std::string diff_id;
  CommitSummary image;
  std::optional<UtilityVmReport> utility_vm;  ///< as in LayerSummary
};

/// Imports an OCI Windows layer as a new CIM layer on top of `parents`, the immediate parent first;
/// without parents it is a base layer. `tar` is plain or compressed with gzip or zstd; it is read
/// on another thread, some megabytes ahead. layer_writer.h describes the files of the result.
/// Whiteouts remove entries of the parents, never entries of this tar, in whatever order they
/// occur.
///
/// Throws kCorrupt for a damaged tar and for invalid hives, kLimit for a tar that exceeds
/// `options.limits`, kCancelled on a request to stop, and what LayerWriter throws. On failure no
/// part of the new layer remains.
CIM_EXPORT ImportResult import_tar(const ByteSource& tar, const LayerPaths& layer,
                                   const std::vector<LayerPaths>& parents = {},
                                   const ImportOptions& options = {});

/// Removes a layer: its image, the files that were created with it in its directory, and the
/// directories created for it if nothing else is in them. A marker in the directory records which
/// files these are (docs/layers.md, "The marker"); without a marker, they are the files that the
/// image contains with the same bytes. All other files are kept. If there is neither an image nor a
/// marker of this layer, nothing is removed.
///
/// Takes time proportional to the number of files on disk, not in the image. Returns true if there
/// was anything to remove. Throws kBusy, without changing anything, if the image is mounted, if
/// another image in the store needs it, or if another process writes there for longer than
/// `lock_timeout`. If the image's header cannot be read, only its filesystem file is removed and
/// its other files become garbage. An interrupted call is completed by calling again.
///
/// Throws kInvalidArgument, without changing anything, if `layer.image` is set and the marker names
/// another image.
CIM_EXPORT bool destroy(const LayerPaths& layer, const LockTimeout& lock_timeout = {});

/// Removes an image as destroy() does, with the same errors, whether or not it is a layer's. Files
/// in a layer's directory are kept. Returns true if the image existed.
CIM_EXPORT bool destroy_image(const std::filesystem::path& image,
                              const LockTimeout& lock_timeout = {});

/// The disk usage of a layer, in bytes and in files and directories. Sizes are those of the files,
/// holes included.
struct Usage {
  /// Bytes of the layer's own files: all in its directory, its image's filesystem file, and the
  /// region and object id files of the image's own region set.
  std::uint64_t size = 0;
  /// Number of these files, each counted once however many names it has, and of the directories,
  /// the layer's own included.
  std::uint64_t inodes = 0;
  std::uint64_t shared_size = 0;    ///< bytes of the parents' region and object id files
  std::uint64_t shared_inodes = 0;  ///< number of these files
};

/// Returns the disk usage of a layer. The sum of `size` over a layer and all layers below it is
/// what these layers take together. (Reproducible images that are equal share their region set,
/// and each counts it as its own.) Reads the header of the image and the layer's directory, which
/// may be missing. Links are counted but not followed. Throws kNotFound if the layer has no image,
/// and what reading the header and the directory throws. `listings` is as in OpenOptions.
CIM_EXPORT Usage usage(const LayerPaths& layer,
                       const std::shared_ptr<DirectoryListings>& listings = nullptr);

}  // namespace cim::layer
