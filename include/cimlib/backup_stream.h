// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// Writing a container layer from Win32 backup streams: the bytes that BackupRead() returns for a
// file and BackupWrite() takes, which hold its data, alternate streams, security descriptor,
// extended attributes and reparse data (docs/layers.md, "Backup streams").
//
//   cim::layer::BackupLayerWriter writer("store/8", {"store/7"});
//   writer.add(cim::ImagePath::parse("Files/a.txt"), attributes, times);
//   while (...) writer.write(piece);   // of the backup stream of a.txt
//   writer.add_link(cim::ImagePath::parse("Files/b.txt"), cim::ImagePath::parse("Files/a.txt"));
//   writer.close();

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <vector>

#include "cimlib/export.h"
#include "cimlib/filetime.h"
#include "cimlib/image_path.h"
#include "cimlib/layer.h"
#include "cimlib/layer_writer.h"

namespace cim::layer {

/// Writes one layer as LayerWriter does, but receives each file as a backup stream. A file is
/// complete when its backup stream is, which the next call of another function than write() ends.
/// Not safe for concurrent use. After an exception that is not documented as harmless, every later
/// call, close() included, throws the same exception.
///
/// The parts of a backup stream may come in any order, except that the default stream comes before
/// the alternate ones. Data is not held in memory. That of a sparse stream, whose length is known
/// last, is first written to a temporary file beside the image. Link tracking ids, property sets,
/// transactional data and other names of the file are skipped, with a warning to
/// LayerOptions::warning.
class CIM_EXPORT BackupLayerWriter {
 public:
  /// Starts a new layer as LayerWriter does. `limits.entries` applies to the calls of add(),
  /// `limits.size` to the sizes of all files and streams together, holes included.
  explicit BackupLayerWriter(const LayerPaths& layer, const std::vector<LayerPaths>& parents = {},
                             const LayerOptions& options = {}, const ImportLimits& limits = {});
  BackupLayerWriter(BackupLayerWriter&&) noexcept;
  BackupLayerWriter& operator=(BackupLayerWriter&&) noexcept;
  ~BackupLayerWriter();

  /// Begins a file or directory, whose backup stream follows in write(). `attributes` are those of
  /// FileMetadata. The file gets its place in the layer when its backup stream requires it, so the
  /// calls that follow throw what LayerWriter::add() would. Throws kLimit for more than
  /// `limits.entries`.
  void add(const ImagePath& path, std::uint32_t attributes, const FileTimes& times);

  /// Appends bytes to the backup stream of the file begun last, in pieces of any size. `owner` is
  /// as in LayerWriter::write(). Throws kInvalidArgument if no file was begun. Errors in the backup
  /// stream name the file, and their offset is that in the backup stream: kCorrupt for what breaks
  /// its form, for invalid metadata, for overlapping sparse blocks and for a repeated stream;
  /// kLimit for metadata larger than docs/limits.md allows and for sizes beyond `limits.size`;
  /// kUnsupported for records of unknown kinds, streams of other types than $DATA, and a default
  /// stream after an alternate one. Nothing is reserved for the sizes that a backup stream claims.
  void write(std::span<const std::byte> bytes, const std::shared_ptr<const void>& owner = nullptr);

  /// Adds another name for a file as LayerWriter::add_link() does, with the same harmless failures.
  /// This call, like the following ones, first ends the file begun last: kCorrupt if its backup
  /// stream is incomplete, kUnsupported for a sidecar file that turns out to be a reparse point
  /// after its data.
  void add_link(const ImagePath& path, const ImagePath& existing);

  /// Removes a name as LayerWriter::remove() does, with the same harmless failure.
  bool remove(const ImagePath& path);

  /// Returns the writer of the layer, for queries and for files that are not backup streams. Valid
  /// until this object is moved from or destroyed.
  LayerWriter& layer();

  /// Ends the last file and closes the layer as LayerWriter::close() does.
  LayerSummary close();

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace cim::layer
