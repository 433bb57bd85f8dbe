// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// A layer back to the tar that it came from, or that any container engine can import.
//
//   cim::layer::export_tar("store/8", "8.tar.gz", {.compression = cim::layer::Compression::kGzip});
//
// The tar is in the dialect of go-winio, as Docker and containerd read it. It has the entries of
// Files, Hives and UtilityVM in the order of their paths, letter case apart, a directory before
// what is in it; importing it upon the same parents gives the same image again. What importing
// makes by itself (Hives/NAME_BASE, layout) is not in it.

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <vector>

#include "cimlib/export.h"
#include "cimlib/progress.h"

namespace cim::layer {

enum class ExportContent {
  /// What the layer adds to, changes in and takes away from its parent; all of a base layer.
  kLayer,
  /// The layer and all below it as one base layer. The registry hives of
  /// Files/Windows/System32/config are then those with every layer's differences laid over them.
  kFlattened,
};

enum class Compression { kNone, kGzip, kZstd };

/// What the end of a file's name asks for: ".gz" or ".tgz", ".zst" or ".tzst", else none.
CIM_EXPORT Compression compression_named(const std::filesystem::path& tar);

struct ExportOptions {
  ExportContent content = ExportContent::kLayer;
  /// The layers below, the immediate parent first; only that one is looked at. It need not be what
  /// the layer was made upon: whatever differs is exported. By default the parent is found in the
  /// layer's store by the regions that its image shares with this one's.
  std::vector<std::filesystem::path> parents = {};
  Compression compression = Compression::kNone;
  bool digests = false;  ///< whether to make those of ExportResult
  /// Told of bytes of files; their sum is known beforehand where all of an image is exported.
  ProgressSink progress = {};
  /// Told what other importers will not see, and of what is left out.
  WarningSink warning = {};
  std::stop_token stop = {};
};

struct ExportResult {
  std::uint64_t entries = 0;    ///< of the tar, whiteouts and streams included
  std::uint64_t whiteouts = 0;  ///< of them
  std::uint64_t size = 0;       ///< sum of the sizes of regular files
  std::uint64_t tar_size = 0;   ///< bytes of the tar before compression
  std::uint64_t file_size = 0;  ///< bytes written
  /// The image that the layer was compared with.
  std::optional<std::filesystem::path> parent;
  /// "sha256:" and hexadecimal digits: of the tar, and of what was written. Empty unless asked for.
  std::string diff_id;
  std::string digest;
};

/// Takes the bytes that are written, in order.
using ByteSink = std::function<void(std::span<const std::byte>)>;

/// Hands a layer's tar to `sink`. Equal images give equal bytes. Throws kNotFound if the layer has
/// no image, or its image is a fork and the parent's is not there; kUnsupported for names that a
/// layer's tar cannot hold (".wh." in front) and for differences of hives that were never laid over
/// a hive, which can't be flattened; kCancelled, and what reading an image throws.
CIM_EXPORT ExportResult export_tar(const std::filesystem::path& layer, const ByteSink& sink,
                                   const ExportOptions& options = {});

/// Makes the file `tar`, which must not be there (kExists). A failure leaves nothing behind.
CIM_EXPORT ExportResult export_tar(const std::filesystem::path& layer,
                                   const std::filesystem::path& tar,
                                   const ExportOptions& options = {});

}  // namespace cim::layer
