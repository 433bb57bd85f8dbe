// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// Images as tars, and tars as images. The tars are in the dialect of Windows layers (docs/tar.md),
// but contain any image: the root, its streams and all entries, whatever their names. Creating an
// image from the tar of an image gives an equal image.
//
//   cim::export_image(cim::Image("tools.cim"), "tools.tar.gz", {.compression = ...});
//   cim::create_image_from_tar("copy.cim", "tools.tar.gz");

#include <cstdint>
#include <filesystem>
#include <functional>
#include <stop_token>
#include <string>

#include "cimlib/byte_streams.h"
#include "cimlib/create.h"
#include "cimlib/export.h"
#include "cimlib/image.h"
#include "cimlib/layer.h"
#include "cimlib/layer_export.h"
#include "cimlib/progress.h"

namespace cim {

/// How to export an image.
struct ImageExportOptions {
  layer::Compression compression = layer::Compression::kNone;
  /// True if an export to a path replaces an existing regular file, once the new one is complete.
  bool replaces_existing = false;
  /// Receives everything that cannot be read, by its path, and the cause; the rest is exported.
  /// Contents are then read twice and compared with the object ids of the image. Without this
  /// callback, the first failure ends the export.
  std::function<void(const std::string& path, const Error& error)> failure = {};
  ProgressSink progress = {};  ///< receives bytes of files
  WarningSink warning = {};    ///< receives what other programs will ignore
  std::stop_token stop = {};   ///< a request to stop ends the export with kCancelled
};

/// The result of an export. Sizes are in bytes.
struct ImageExportResult {
  std::uint64_t entries = 0;    ///< entries of the tar, including streams
  std::uint64_t size = 0;       ///< sum of the sizes of the files
  std::uint64_t tar_size = 0;   ///< size of the tar before compression
  std::uint64_t file_size = 0;  ///< size of the output
};

/// Exports an image to `sink`, which is called on the calling thread. Equal images give equal
/// bytes. Throws kUnsupported for names that begin with ".wh.", which readers of tars would take
/// for deletions, kCancelled, and what reading the image throws.
CIM_EXPORT ImageExportResult export_image(const Image& image, const ByteSink& sink,
                                          const ImageExportOptions& options = {});

/// Exports to the file `tar`. Throws kExists if the file exists and must not be replaced. If the
/// export fails, `tar` is as it was before.
CIM_EXPORT ImageExportResult export_image(const Image& image, const std::filesystem::path& tar,
                                          const ImageExportOptions& options = {});

/// How to create an image from a tar.
struct TarImageOptions {
  WriterOptions writer = {};
  layer::ImportLimits limits = {};  ///< of the unpacked tar
  ProgressSink progress = {};       ///< receives bytes of `tar` as they are read
  WarningSink warning = {};
  std::stop_token stop = {};  ///< a request to stop; also ends the wait of `writer.lock_timeout`
};

/// Creates an image from a tar, plain or compressed by gzip or zstd. A directory must have an entry
/// before its contents. Throws what ImageWriter throws; kCorrupt and kUnsupported, naming the entry
/// and its offset, for what is not a valid tar of an image; kLimit. On failure no part of the image
/// remains.
CIM_EXPORT CreateSummary create_image_from_tar(const std::filesystem::path& image,
                                               const ByteSource& tar,
                                               const TarImageOptions& options = {});

}  // namespace cim
