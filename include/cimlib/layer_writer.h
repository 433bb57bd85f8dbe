// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// Writing a container layer entry by entry: its image and the sidecar files in its directory.
//
//   cim::layer::LayerWriter writer("store/8", {"store/7"});
//   writer.add(cim::ImagePath::parse("Files/a.txt"), {.attributes = cim::attribute::kArchive}, 5);
//   writer.write(bytes);
//   writer.add_alternate_stream(cim::StreamPath::parse("Files/a.txt:Zone.Identifier"), 26);
//   writer.write(more);
//   writer.add_link(cim::ImagePath::parse("Files/b.txt"), cim::ImagePath::parse("Files/a.txt"));
//   writer.remove(cim::ImagePath::parse("Files/old.txt"));
//   writer.close();
//
// A layer with parents starts as a fork of the first parent's image: it has all of the parent's
// entries, and the calls change them. Until close() neither the image nor the directory of the
// layer exists. A writer that is destroyed without close() leaves no files; collect_garbage()
// removes those of a killed writer.
//
// Some files are also written to the layer's directory, for programs that read them before the
// image is mounted (docs/layers.md, "Sidecar files"): registry hives, delta hives, and the
// hives, boot store and boot manager of a utility VM. close() creates the others:
//
//   - for a layer without parents, Hives/NAME_BASE as a second name of each of the five hives in
//     Files/Windows/System32/config, and the file `layout`;
//   - for a layer with parents, Hives/NAME_BASE for each Hives/NAME_DELTA, merged into the
//     NAME_BASE of the nearest parent that has one in its directory or image;
//   - for a layer with a utility VM, `uvmbuildversion`, its build number (utility_vm.h).
//
// The five hives are SYSTEM, SOFTWARE, SAM, SECURITY and DEFAULT, whose NAME in Hives is
// DEFAULTUSER. A base layer has all of them or none; without them no container can start from it.

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "cimlib/byte_streams.h"
#include "cimlib/export.h"
#include "cimlib/image_path.h"
#include "cimlib/image_writer.h"
#include "cimlib/layer_paths.h"
#include "cimlib/progress.h"
#include "cimlib/utility_vm.h"

namespace cim::layer {

/// Default lock timeout of layer writers. Layers of one store are written concurrently, because
/// each writer only adds files of its own. A writer waits only while another process removes files
/// or replaces an image.
inline constexpr std::chrono::minutes kImportLockTimeout{10};

/// The times of the files and directories that close() creates, and of the keys and boot entries
/// that it changes for a utility VM.
enum class MadeTimes {
  kNow,   ///< WriterOptions::now, by default the current time, as with hcsshim up to v0.12.9
  kZero,  ///< FILETIME 0, which is 1601-01-01, as with newer versions of hcsshim
};

/// How to write a layer.
struct LayerOptions {
  /// How the image is written. `base` must be empty, because the parents determine it; `now` also
  /// determines MadeTimes::kNow; `lock_mode` is ignored and always kShared.
  WriterOptions image = {.lock_timeout = kImportLockTimeout};
  UtilityVmOptions utility_vm = {};
  MadeTimes made_times = MadeTimes::kNow;
  /// Receives oddities of the layer that are not errors.
  WarningSink warning = {};
};

/// The result of closing a layer.
struct LayerSummary {
  CommitSummary image;
  /// Present if the layer has the SOFTWARE hive of a utility VM.
  std::optional<UtilityVmReport> utility_vm;
};

/// Writes one layer. Not safe for concurrent use; several writers may write different layers of one
/// store at once. After an exception that is not documented as harmless, every later call, close()
/// included, throws the same exception.
class CIM_EXPORT LayerWriter {
 public:
  /// Starts a new layer. `parents` are the layers below, the immediate parent first; their images
  /// must be in the same directory as the new image, which uses their region files. Directories are
  /// resolved with resolve_layer(), and missing ones are created. Throws kExists if the layer
  /// already has an image or its directory contains a file with the name of a sidecar file that
  /// does not belong to this layer, kNotFound for a parent that is not a layer, kInvalidArgument
  /// for parents that have their images elsewhere, are duplicated or in an impossible order, for an
  /// invalid layer directory (`STORE/cim-layers`, `.`, `..`) and for an image in the layer's
  /// directory, and what opening the parent's image throws.
  LayerWriter(const LayerPaths& layer, const std::vector<LayerPaths>& parents,
              const LayerOptions& options = {});
  LayerWriter(LayerWriter&&) noexcept;
  LayerWriter& operator=(LayerWriter&&) noexcept;
  ~LayerWriter();

  /// Adds a file or directory as ImageWriter::add() does, with the same harmless failures. All
  /// of a file's `size` bytes must follow in write(). Also throws kExists for a second sidecar file
  /// with the same path; kInvalidArgument for the files that close() creates (`layout`,
  /// Hives/NAME_BASE), and for Files, Hives, UtilityVM and UtilityVM/Files if they are not plain
  /// directories.
  void add(const ImagePath& path, const FileMetadata& metadata, std::uint64_t size = 0);

  /// Adds a file with all bytes of `data`, which is read as by ImageWriter::add(), with the same
  /// harmless failures.
  void add(const ImagePath& path, const FileMetadata& metadata, const ByteSource& data);

  /// Replaces the metadata of a file or directory as ImageWriter::replace_metadata() does, with the
  /// same harmless failures. Throws kInvalidArgument as add() does, and kUnsupported for reparse
  /// data of a sidecar file.
  void replace_metadata(const ImagePath& path, const FileMetadata& metadata);

  /// Adds an alternate stream as ImageWriter::add_alternate_stream() does, with the same harmless
  /// failures. All of its `size` bytes must follow in write().
  void add_alternate_stream(const StreamPath& stream, std::uint64_t size);
  /// The same with all bytes of `data`, which is read as by ImageWriter::add().
  void add_alternate_stream(const StreamPath& stream, const ByteSource& data);

  /// Adds another name for a file as ImageWriter::add_link() does, with the same harmless failures.
  /// Throws kInvalidArgument if `path` is that of a sidecar file and `existing` is not a sidecar
  /// file of this layer, because its bytes are not available then.
  void add_link(const ImagePath& path, const ImagePath& existing);

  /// Removes a name as ImageWriter::remove() does, with the same harmless failure.
  bool remove(const ImagePath& path);

  /// Appends bytes to the file or stream added last. Throws kInvalidArgument for more than its
  /// size. Without `owner`, bytes needed later are copied. With it, the writer may read `bytes`
  /// after the return and releases `owner` when it is done.
  void write(std::span<const std::byte> bytes, const std::shared_ptr<const void>& owner = nullptr);

  /// Appends `count` zeros as write() does. Long runs take no disk space if the file system
  /// supports holes.
  void write_zeros(std::uint64_t count);

  /// Returns true if there is a file or directory at the path.
  bool exists(const ImagePath& path) const;
  /// Returns true if the file or directory exists and has an alternate stream of that name.
  bool exists(const StreamPath& stream) const;
  /// Returns true if there is a directory at the path.
  bool is_directory(const ImagePath& path) const;

  /// Merges hives and makes the layer durable: first the sidecar files, the image last. Throws
  /// kCorrupt for invalid hives, for a base layer that has some of the five hives and not all or
  /// has delta hives, and for a delta hive without a hive to merge it into in a parent; kExists if
  /// another writer has published the layer first or another file has the path of a sidecar file.
  /// The writer accepts no calls afterwards.
  LayerSummary close();

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace cim::layer
