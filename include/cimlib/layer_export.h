// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// Exporting a layer as a tar that any container engine can import.
//
//   cim::layer::export_tar("store/8", "8.tar.gz", {.compression = cim::layer::Compression::kGzip});
//
// The tar uses the dialect of go-winio, which Docker and containerd read. It contains the entries
// of Files, Hives and UtilityVM ordered by path, ignoring case, a directory before its entries.
// Importing it on top of the same parents gives the same image. Files that an import creates itself
// (Hives/NAME_BASE, layout) are not included.

#include <cstdint>
#include <filesystem>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "cimlib/byte_streams.h"
#include "cimlib/export.h"
#include "cimlib/layer_paths.h"
#include "cimlib/progress.h"

namespace cim::layer {

/// Scope of an export.
enum class ExportContent {
  /// The entries that the layer adds, changes or removes compared with its parent; all entries of a
  /// base layer.
  kLayer,
  /// The layer and all layers below it, merged into one base layer. The registry hives in
  /// Files/Windows/System32/config then include the changes of every layer.
  kFlattened,
};

/// Compression of the tar.
enum class Compression { kNone, kGzip, kZstd };

/// Returns the compression for a file name: kGzip for ".gz" or ".tgz", kZstd for ".zst" or ".tzst",
/// else kNone.
CIM_EXPORT Compression compression_named(const std::filesystem::path& tar);

/// How to export a layer.
struct ExportOptions {
  ExportContent content = ExportContent::kLayer;
  /// The layers below, the immediate parent first; only that one is used, and only its image. It
  /// need not be the parent that the layer was created on: all differences from it are exported. By
  /// default the parent is found in the directory of the layer's image by the regions that its
  /// image shares with this one.
  std::vector<LayerPaths> parents = {};
  Compression compression = Compression::kNone;
  bool digests = false;  ///< true to compute the digests of ExportResult
  /// True if an export to a path replaces an existing regular file, once the new one is complete.
  /// Other kinds of files are never replaced.
  bool replaces_existing = false;
  /// Receives bytes of files. Their total is known if a whole image is exported.
  ProgressSink progress = {};
  /// Receives what is skipped and what other importers will ignore.
  WarningSink warning = {};
  std::stop_token stop = {};  ///< a request to stop ends the export with kCancelled
};

/// The result of an export. Sizes are in bytes.
struct ExportResult {
  std::uint64_t entries = 0;    ///< entries of the tar, including whiteouts and streams
  std::uint64_t whiteouts = 0;  ///< whiteouts among them
  std::uint64_t size = 0;       ///< sum of the sizes of the regular files
  std::uint64_t tar_size = 0;   ///< size of the tar before compression
  std::uint64_t file_size = 0;  ///< size of the output
  /// Image that the layer was compared with; nullopt if it was exported completely.
  std::optional<std::filesystem::path> parent;
  /// Digests of the uncompressed tar and of the output: "sha256:" and 64 lower-case digits. Empty
  /// unless ExportOptions::digests is set.
  std::string diff_id;
  std::string digest;
};

/// Exports a layer to `sink`, which is called on the calling thread. Equal images give equal bytes.
/// Throws kNotFound if the layer has no image, or if its image is a fork and the parent's image is
/// missing; kUnsupported for names that a layer's tar cannot contain (prefix ".wh.") and for
/// flattening hive changes that were never merged into a hive; kCancelled on a request to stop, and
/// what reading an image throws.
CIM_EXPORT ExportResult export_tar(const LayerPaths& layer, const ByteSink& sink,
                                   const ExportOptions& options = {});

/// Exports a layer to the file `tar`. Throws kExists if the file exists and must not be replaced
/// (ExportOptions::replaces_existing), otherwise as the overload above. If the export fails,
/// `tar` is as it was before.
CIM_EXPORT ExportResult export_tar(const LayerPaths& layer, const std::filesystem::path& tar,
                                   const ExportOptions& options = {});

}  // namespace cim::layer
