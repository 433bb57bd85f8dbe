// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// Container layers: a directory of loose files and, beside it, an image in `cim-layers/`.

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <stop_token>
#include <string>
#include <vector>

#include "cimlib/export.h"
#include "cimlib/image_writer.h"
#include "cimlib/progress.h"

namespace cim::layer {

/// "7.cim" for the layer "/store/7"; separators at the end mean nothing. Nothing is looked at.
CIM_EXPORT std::string cim_name(const std::filesystem::path& layer);
/// "/store/cim-layers" for the layer "/store/7".
CIM_EXPORT std::filesystem::path cim_dir(const std::filesystem::path& layer);
/// "/store/cim-layers/7.cim" for the layer "/store/7".
CIM_EXPORT std::filesystem::path cim_path(const std::filesystem::path& layer);
/// Whether that file is there; every doubt is a no.
CIM_EXPORT bool is_cim_layer(const std::filesystem::path& layer) noexcept;

/// Layers of one store are imported side by side: each import only adds files of its own. It waits
/// for the little while that somebody removes files there, or writes over an image.
inline constexpr std::chrono::minutes kImportPatience{10};

struct ImportOptions {
  WriterOptions writer = {.directory_use = DirectoryUse::kTogether, .patience = kImportPatience};
  ProgressSink progress = {};
  WarningSink warning = {};
  std::stop_token stop = {};
};

struct ImportResult {
  std::uint64_t size = 0;     ///< sum of the sizes of the regular files in the tar
  std::uint64_t entries = 0;  ///< entries of the tar
  CommitSummary image;
};

/// Reads an OCI Windows layer (plain, gzip or zstd; "-" is standard input) into a new CIM layer.
/// Throws kCorrupt for a damaged tar, kExists if the layer's image is there already, kCancelled,
/// and whatever writing throws; then nothing of the new layer is left.
CIM_EXPORT ImportResult import_tar(const std::filesystem::path& tar,
                                   const std::filesystem::path& layer,
                                   const ImportOptions& options = {});

}  // namespace cim::layer
