// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// Container layers: a directory of sidecar files and, beside it, an image in `cim-layers/`.

#include <cstdint>
#include <filesystem>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "cimlib/export.h"
#include "cimlib/image_writer.h"
#include "cimlib/layer_writer.h"
#include "cimlib/lock.h"
#include "cimlib/progress.h"
#include "cimlib/utility_vm.h"

namespace cim::layer {

/// "7.cim" for the layer "/store/7"; separators at the end mean nothing. Nothing is looked at.
CIM_EXPORT std::string cim_name(const std::filesystem::path& layer);
/// "/store/cim-layers" for the layer "/store/7".
CIM_EXPORT std::filesystem::path cim_dir(const std::filesystem::path& layer);
/// "/store/cim-layers/7.cim" for the layer "/store/7".
CIM_EXPORT std::filesystem::path cim_path(const std::filesystem::path& layer);
/// The layer's directory as the functions below take it, by the name that is the layer's: a link to
/// it is followed, and "." and ".." at the end mean what they mean to the system. What is not there
/// keeps its name.
CIM_EXPORT std::filesystem::path resolve_layer(const std::filesystem::path& layer);
/// Whether that file is there. As with hcsshim, whatever keeps it from being looked at is a no;
/// what makes, exports and removes layers tells such failures.
CIM_EXPORT bool is_cim_layer(const std::filesystem::path& layer) noexcept;

/// The most that one import takes, so that a small compressed tar fills neither disk nor memory.
struct ImportLimits {
  /// Bytes of the tar when unpacked, and bytes of all its files and streams.
  std::uint64_t size = std::uint64_t{1} << 40;
  std::uint64_t entries = std::uint64_t{1} << 24;
};

struct ImportOptions {
  /// `base` must be empty, since the parents tell it.
  WriterOptions writer = {.lock_mode = LockMode::kShared, .lock_timeout = kImportLockTimeout};
  UtilityVmOptions utility_vm = {};
  /// The digest that the tar must have when unpacked, "sha256:" and 64 lower-case digits, which an
  /// image calls the layer's diff id; with another one nothing lands (kCorrupt).
  std::optional<std::string> diff_id = {};
  ImportLimits limits = {};
  ProgressSink progress = {};
  WarningSink warning = {};
  std::stop_token stop = {};  ///< ends the wait of `writer.lock_timeout` too, whatever that says
};

struct ImportResult {
  std::uint64_t size = 0;     ///< sum of the sizes of the regular files in the tar
  std::uint64_t entries = 0;  ///< entries of the tar
  /// What counts towards ImportLimits::size: the bytes of the tar when unpacked, or those of all
  /// its files and streams if they are more.
  std::uint64_t unpacked_size = 0;
  CommitSummary image;
  std::optional<UtilityVmReport> utility_vm;  ///< as LayerWriter::close() has it
};

/// Reads an OCI Windows layer (plain, gzip or zstd; a file, a pipe, or "-" for standard
/// input) into a new CIM layer
/// upon `parents`, the immediate parent first; none makes a base layer. See layer_writer.h for what
/// comes to lie where. Whiteouts take away what the parents have, never what this tar adds, in
/// whatever order the two come.
///
/// Throws kCorrupt for a damaged tar and for hives that are not what they should be, kLimit for a
/// tar that exceeds `options.limits`, kCancelled,
/// and whatever LayerWriter throws; then nothing of the new layer is left.
CIM_EXPORT ImportResult import_tar(const std::filesystem::path& tar,
                                   const std::filesystem::path& layer,
                                   const std::vector<std::filesystem::path>& parents = {},
                                   const ImportOptions& options = {});

/// Removes a layer: its image, the files that were made with it in its directory, and what of that
/// directory was made for it, if nothing else is in there. A marker in the directory proves which
/// files these are (docs/architecture.md, "Sidecar files"); in the directory of a layer without
/// one, files that are in the image with the same bytes. Every other file is kept. Without an image
/// and a marker of this layer nothing is removed.
///
/// Takes time by the number of files on disk, not of those in the image. Returns whether there was
/// anything to remove. Throws kBusy, and changes nothing, while the image is mounted, while another
/// image in the store needs it, and, having waited that long, while another process writes there.
/// Of an image whose header cannot be read the filesystem file is removed; what else belongs to it
/// is garbage then. An interrupted call is finished by another.
CIM_EXPORT bool destroy(const std::filesystem::path& layer, const LockTimeout& lock_timeout = {});

}  // namespace cim::layer
