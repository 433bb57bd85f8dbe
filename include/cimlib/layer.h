// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// Container layers: a directory of loose files and, beside it, an image in `cim-layers/`.

#include <cstdint>
#include <filesystem>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "cimlib/export.h"
#include "cimlib/image_writer.h"
#include "cimlib/layer_writer.h"
#include "cimlib/patience.h"
#include "cimlib/progress.h"
#include "cimlib/utility_vm.h"

namespace cim::layer {

/// "7.cim" for the layer "/store/7"; separators at the end mean nothing. Nothing is looked at.
CIM_EXPORT std::string cim_name(const std::filesystem::path& layer);
/// "/store/cim-layers" for the layer "/store/7".
CIM_EXPORT std::filesystem::path cim_dir(const std::filesystem::path& layer);
/// "/store/cim-layers/7.cim" for the layer "/store/7".
CIM_EXPORT std::filesystem::path cim_path(const std::filesystem::path& layer);
/// Whether that file is there. As with hcsshim, whatever keeps it from being looked at is a no;
/// what makes, exports and removes layers tells such failures.
CIM_EXPORT bool is_cim_layer(const std::filesystem::path& layer) noexcept;

struct ImportOptions {
  /// `base` must be empty, since the parents tell it.
  WriterOptions writer = {.directory_use = DirectoryUse::kTogether, .patience = kImportPatience};
  UtilityVmOptions utility_vm = {};
  /// The digest that the tar must have when unpacked, "sha256:" and 64 lower-case digits, which an
  /// image calls the layer's diff id; with another one nothing lands (kCorrupt).
  std::optional<std::string> diff_id = {};
  ProgressSink progress = {};
  WarningSink warning = {};
  std::stop_token stop = {};  ///< ends the wait of `writer.patience` too, whatever that says
};

struct ImportResult {
  std::uint64_t size = 0;     ///< sum of the sizes of the regular files in the tar
  std::uint64_t entries = 0;  ///< entries of the tar
  CommitSummary image;
  std::optional<UtilityVmReport> utility_vm;  ///< as LayerWriter::close() has it
};

/// Reads an OCI Windows layer (plain, gzip or zstd; a file, a pipe, or "-" for standard
/// input) into a new CIM layer
/// upon `parents`, the immediate parent first; none makes a base layer. See layer_writer.h for what
/// comes to lie where. Whiteouts take away what the parents have, never what this tar adds, in
/// whatever order the two come.
///
/// Throws kCorrupt for a damaged tar and for hives that are not what they should be, kCancelled,
/// and whatever LayerWriter throws; then nothing of the new layer is left.
CIM_EXPORT ImportResult import_tar(const std::filesystem::path& tar,
                                   const std::filesystem::path& layer,
                                   const std::vector<std::filesystem::path>& parents = {},
                                   const ImportOptions& options = {});

/// Removes a layer: its image and what lies loose of it, and its directory if nothing else is in
/// it (which is all that an import killed early leaves). Takes time by the number of files on disk,
/// not of those in the image. Returns whether there was anything to remove. Throws kBusy, and
/// changes nothing, while the image is mounted, while another image in the store needs it, and,
/// having waited that long, while somebody writes there. Of an image whose header cannot be read
/// its filesystem file goes; what else belongs to it is garbage then.
CIM_EXPORT bool destroy(const std::filesystem::path& layer, const Patience& patience = {});

}  // namespace cim::layer
