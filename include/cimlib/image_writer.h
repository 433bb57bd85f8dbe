// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// Making an image.
//
//   cim::ImageWriter writer("layers/7.cim");
//   writer.create(cim::ImagePath::parse("Files"), {.attributes = cim::attribute::kDirectory});
//   writer.create(cim::ImagePath::parse("Files/a.txt"), {}, 5);
//   writer.write(bytes);          // in any number of pieces
//   writer.commit();
//
// To change an image, or to make another one that shares its data, start from it:
//
//   cim::ImageWriter fork("layers/8.cim", {.base = "layers/7.cim"});
//
// Bytes pass through once and are never held whole. Until commit() the image of that name is as it
// was; a writer that goes without it leaves nothing behind.
//
// From its making to its commit a writer holds the lock of the directory, which goes with the
// process if that is killed. Readers take no notice of it.

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string_view>

#include "cimlib/export.h"
#include "cimlib/file_info.h"
#include "cimlib/guid.h"
#include "cimlib/image_path.h"
#include "cimlib/lock.h"

namespace cim {

/// What a new file or directory is given. Spans are read during the call only.
struct FileMetadata {
  /// attribute::k…; kDirectory makes a directory. kReparsePoint is ignored: reparse_data decides.
  std::uint32_t attributes = 0;
  FileTimes times = {};
  /// Self-relative; empty stands for the descriptor without owner, group and access control, since
  /// a file with none at all is broken for Windows. At most 65,535 bytes.
  std::span<const std::byte> security_descriptor = {};
  /// A FILE_FULL_EA_INFORMATION list of at most 65,535 bytes.
  std::span<const std::byte> extended_attributes = {};
  /// A reparse buffer with its eight-byte header, at most 16,384 bytes.
  std::span<const std::byte> reparse_data = {};
};

enum class PeExpansion {
  kExpand,  ///< store sound executables as they are mapped (docs/format.md, "PE images")
  kPlain,   ///< store every file as it is
};

struct WriterOptions {
  /// An image in the same directory to start from. Under another name the new image is a fork,
  /// which refers to what it has in common with this one and needs its region files; under the same
  /// name the new image takes its place. Either way it costs what changes, and no more.
  std::optional<std::filesystem::path> base = {};
  /// The GUID of the new region set; a random one by default. Given GUID, times and order of calls,
  /// the bytes written are the same each time.
  std::optional<Guid> region_set = {};
  /// Gives a region set without a GUID the one that belongs to its content and its base, and the
  /// root, without `now`, the time 1970-01-01: the same calls make the same files. Two such images
  /// in one directory that are the same share their region files. A commit that fails in its last
  /// steps can leave some behind, for gc, since they may be another image's by then.
  bool reproducible = false;
  PeExpansion pe_expansion = PeExpansion::kExpand;
  /// The time that a new root directory gets; the present by default.
  std::optional<FileTime> now = {};
  /// Writing over the base is always done alone.
  LockMode lock_mode = LockMode::kExclusive;
  /// How long to wait for others who hold the directory's lock. Those who wait to be alone are not
  /// let in before others who come later and share it.
  LockTimeout lock_timeout = {};
};

/// What a commit wrote.
struct CommitSummary {
  std::uint64_t files = 0;         ///< files and directories, each hard-linked file once
  std::uint64_t stored_bytes = 0;  ///< in region files, data and metadata
  /// Of the files and streams written, those whose bytes were there already, here or in the base;
  /// counted as ImageSummary counts them, but before anything was replaced or removed.
  std::uint64_t deduplicated_bytes = 0;
};

/// One writer, one thread. After an exception from any call but those documented as harmless, every
/// further call throws the same exception, commit() included, and nothing is published.
class CIM_EXPORT ImageWriter {
 public:
  /// A new image, from scratch or from options.base. Throws kBusy, naming who holds it, if the
  /// directory is not free in time; kExists if the name is taken by another
  /// image than the base, kNotFound if the directory or the base is missing, kInvalidArgument if
  /// the base is in another directory, and what opening the base throws.
  explicit ImageWriter(const std::filesystem::path& image, const WriterOptions& options = {});
  ImageWriter(ImageWriter&&) noexcept;
  ImageWriter& operator=(ImageWriter&&) noexcept;
  ~ImageWriter();

  /// Adds a file or directory, or replaces what is there: a directory over a directory keeps its
  /// entries, anything else goes with all that is below it; other hard links of a replaced file
  /// keep the old one. The parent must be a directory (kNotFound, kInvalidArgument; harmless). A
  /// file's `size` bytes follow in write(); a directory takes none.
  void create(const ImagePath& path, const FileMetadata& metadata, std::uint64_t size = 0);

  /// New data for a file that is there, in write(); all its names show them, and its metadata and
  /// alternate streams stay. Throws kNotFound, kInvalidArgument for a directory (both harmless).
  void rewrite(const ImagePath& file, std::uint64_t size);

  /// Adds or replaces an alternate stream of the file or directory at `file` (kNotFound; harmless).
  void create_stream(const ImagePath& file, std::u16string_view name, std::uint64_t size);

  /// Removes an alternate stream; returns whether it was there. Throws kNotFound if the file or
  /// directory is missing (harmless).
  bool remove_stream(const ImagePath& file, std::u16string_view name);

  /// The next bytes of what was created last. More than its size is kInvalidArgument. Without an
  /// owner they are copied where need be; with one they may be read after the return, until it is
  /// let go.
  void write(std::span<const std::byte> bytes, const std::shared_ptr<const void>& owner = nullptr);

  /// As write() with so many zeros; many of them take no place on the disk where the file system
  /// has holes.
  void write_zeros(std::uint64_t count);

  /// Ends what was created last; what was not written of it reads as zeros. Every other call does
  /// this first.
  void close_stream();

  /// Another name for a file. Throws kNotFound if `existing` isn't there, kAccessDenied if it is a
  /// directory or `path` is one, and what create() throws for the parent (all harmless). A file at
  /// `path` is replaced.
  void link(const ImagePath& path, const ImagePath& existing);

  /// Removes a name and, if it is a directory, all that is below it. Throws kNotFound (harmless).
  void remove(const ImagePath& path);

  /// Whether something is at the path now.
  bool exists(const ImagePath& path) const;
  /// Whether the file or directory at the path has an alternate stream of that name now.
  bool exists(const ImagePath& file, std::u16string_view stream) const;
  /// Whether a directory is there now.
  bool is_directory(const ImagePath& path) const;

  /// Makes all of it durable and gives the image its name, in this order: regions, object ids,
  /// filesystem file. After it every call throws kInvalidArgument.
  CommitSummary commit();

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace cim
