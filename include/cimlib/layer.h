// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// Container layers. A layer is a directory of sidecar files and an image in the directory
// `cim-layers` beside it. The parent directory of both is called the store.
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
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "cimlib/byte_streams.h"
#include "cimlib/export.h"
#include "cimlib/image_writer.h"
#include "cimlib/layer_writer.h"
#include "cimlib/lock.h"
#include "cimlib/progress.h"
#include "cimlib/utility_vm.h"

namespace cim::layer {

/// Returns "7.cim" for the layer "/store/7". Trailing separators are ignored. The file system is
/// not accessed, as in the next two functions.
CIM_EXPORT std::string cim_name(const std::filesystem::path& layer);
/// Returns "/store/cim-layers" for the layer "/store/7".
CIM_EXPORT std::filesystem::path cim_dir(const std::filesystem::path& layer);
/// Returns "/store/cim-layers/7.cim" for the layer "/store/7".
CIM_EXPORT std::filesystem::path cim_path(const std::filesystem::path& layer);
/// Returns the layer's directory with the name that identifies the layer, as the functions below
/// resolve it: a link to the directory is followed, and a trailing "." or ".." is resolved by the
/// system. A directory that does not exist keeps its name.
CIM_EXPORT std::filesystem::path resolve_layer(const std::filesystem::path& layer);
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
  /// Required digest of the unpacked tar, "sha256:" and 64 lower-case digits; OCI image
  /// configurations call it the layer's diff id. With another digest nothing is imported
  /// (kCorrupt).
  std::optional<std::string> diff_id = {};
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
CIM_EXPORT ImportResult import_tar(const ByteSource& tar, const std::filesystem::path& layer,
                                   const std::vector<std::filesystem::path>& parents = {},
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
CIM_EXPORT bool destroy(const std::filesystem::path& layer, const LockTimeout& lock_timeout = {});

}  // namespace cim::layer
