// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// Writing an image.
//
//   cim::ImageWriter writer("layers/7.cim");
//   writer.add(cim::ImagePath::parse("Files"), {.attributes = cim::attribute::kDirectory});
//   writer.add(cim::ImagePath::parse("Files/b.dll"), {}, "/tmp/b.dll");  // a file of the host
//   writer.add(cim::ImagePath::parse("Files/a.txt"), {}, 5);
//   writer.write(bytes);          // in any number of pieces
//   writer.add_alternate_stream(cim::StreamPath::parse("Files/a.txt:Zone.Identifier"), 26);
//   writer.write(more);
//   writer.add_link(cim::ImagePath::parse("Files/c.txt"), cim::ImagePath::parse("Files/a.txt"));
//   writer.commit();
//
// To change an image, or to write another one that shares its data, use it as the base:
//
//   cim::ImageWriter fork("layers/8.cim", {.base = "layers/7.cim"});
//
// Data is streamed; no file is held in memory as a whole. Until commit() an existing image of that
// name is unchanged. A writer that is destroyed without commit() leaves no files.
//
// From its construction to its commit a writer holds the lock of the directory (lock.h). The system
// releases the lock if the process is killed. Readers take no lock.

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "cimlib/byte_streams.h"
#include "cimlib/export.h"
#include "cimlib/file_info.h"
#include "cimlib/guid.h"
#include "cimlib/image_path.h"
#include "cimlib/lock.h"

namespace cim {

/// Metadata of a new file or directory. Spans are read during the call only.
struct FileMetadata {
  /// attribute::k…, of which those in kStoredAttributes are stored. kDirectory adds a directory;
  /// whether it is a reparse point depends on `reparse_data` alone.
  std::uint32_t attributes = 0;
  FileTimes times = {};  ///< by default all zero, which is 1601-01-01
  /// Self-relative, at most 65,535 bytes. If empty, the file gets kDefaultSecurityDescriptor,
  /// because Windows treats a file without a descriptor as damaged.
  std::span<const std::byte> security_descriptor = {};
  /// A FILE_FULL_EA_INFORMATION list of at most 65,535 bytes; empty for none.
  std::span<const std::byte> extended_attributes = {};
  /// A reparse buffer with its eight-byte header, at most 16,384 bytes; empty for none.
  std::span<const std::byte> reparse_data = {};
};

/// How executables are stored (docs/format.md, "PE images").
enum class PeExpansion {
  kExpand,  ///< store valid executables as they are mapped into memory
  kPlain,   ///< store every file unchanged
};

/// How to write an image.
struct WriterOptions {
  /// An image in the same directory to start from. If the new image has another name, it is a fork:
  /// it refers to the data that both share and needs the region files of the base. If it has the
  /// same name, it replaces the base. Either way the cost depends on the changes only.
  std::optional<std::filesystem::path> base = {};
  /// GUID of the new region set; random by default. The same GUID, times and order of calls give
  /// the same bytes.
  std::optional<Guid> region_set = {};
  /// If set, makes the image depend only on the calls: without `region_set` the GUID is derived
  /// from the content and the base, and without `now` the root gets the time 1970-01-01. Equal
  /// images in one directory then share their region files. If a commit fails in its last steps,
  /// new region files may remain for garbage collection, because another image may already use
  /// them.
  bool reproducible = false;
  PeExpansion pe_expansion = PeExpansion::kExpand;
  /// Time of a new root directory; the current time by default.
  std::optional<FileTime> now = {};
  /// How the directory is locked. Replacing the base always takes the exclusive lock.
  LockMode lock_mode = LockMode::kExclusive;
  /// How long to wait for the lock of the directory. Waiting for the exclusive lock has no priority
  /// over later requests for the shared lock.
  LockTimeout lock_timeout = {};
};

/// Counts of what a commit wrote.
struct CommitSummary {
  std::uint64_t files = 0;         ///< files and directories, each hard-linked file once
  std::uint64_t stored_bytes = 0;  ///< bytes of data and metadata in region files
  /// Bytes of the files and streams written that were already stored in this image or the base.
  /// Counted as in ImageSummary, but before later calls replaced or removed anything.
  std::uint64_t deduplicated_bytes = 0;
};

/// Writes one image. A new image has a root directory without entries; adding ImagePath() as a
/// directory replaces the root's metadata. Names are looked up ignoring case. Not safe for
/// concurrent use. After an exception that is not documented as harmless, every later call,
/// commit() included, throws the same exception, and nothing is published.
class CIM_EXPORT ImageWriter {
 public:
  /// Starts a new image, empty or from options.base. Throws kBusy, naming the holder, if the
  /// directory's lock is not free within `lock_timeout`; kExists if the name belongs to an image
  /// other than the base, kNotFound if the directory or the base is missing, kInvalidArgument if
  /// the base is in another directory, and what opening the base throws.
  explicit ImageWriter(const std::filesystem::path& image, const WriterOptions& options = {});
  ImageWriter(ImageWriter&&) noexcept;
  ImageWriter& operator=(ImageWriter&&) noexcept;
  ~ImageWriter();

  /// Adds or replaces a file or directory. A directory that replaces a directory keeps its entries;
  /// otherwise the old entry is removed with everything below it, and other hard links of a
  /// replaced file keep its old contents. The parent must be a directory (kNotFound,
  /// kInvalidArgument; harmless). A file's `size` bytes follow in write(); `size` of a directory is
  /// 0.
  void add(const ImagePath& path, const FileMetadata& metadata, std::uint64_t size = 0);

  /// Adds or replaces a file as above, with all bytes of `data` as its contents. The size of `data`
  /// must be known in advance: it is a regular file, memory, or a callback with a size. Bytes that
  /// are appended to a file in the meantime are not read. Failures to open `data` are harmless, as
  /// is kInvalidArgument for an unknown size; failures to read it are not, among them kIo for a
  /// source that ends early. `data` is read before the return, on the calling thread.
  void add(const ImagePath& path, const FileMetadata& metadata, const ByteSource& data);

  /// Replaces the data of an existing file; `size` bytes follow in write(). All names of the file
  /// refer to the new data; metadata and alternate streams are kept. Throws kNotFound, and
  /// kInvalidArgument for a directory (both harmless).
  void replace_data(const ImagePath& file, std::uint64_t size);
  /// The same with all bytes of `data`, which is read as by add().
  void replace_data(const ImagePath& file, const ByteSource& data);

  /// Replaces the metadata of an existing file or directory. Its data, alternate streams, entries
  /// and other names are kept. Throws kNotFound, and kInvalidArgument if kDirectory in
  /// `metadata.attributes` does not agree with what it is (both harmless).
  void replace_metadata(const ImagePath& path, const FileMetadata& metadata);

  /// Adds or replaces an alternate stream of an existing file or directory. Its `size` bytes follow
  /// in write(). Throws kNotFound if the file or directory is missing, kInvalidArgument for an
  /// invalid name (both harmless).
  void add_alternate_stream(const StreamPath& stream, std::uint64_t size);
  /// The same with all bytes of `data`, which is read as by add().
  void add_alternate_stream(const StreamPath& stream, const ByteSource& data);

  /// Appends bytes to the file or stream added last. Throws kInvalidArgument for more than its
  /// size. Without `owner`, bytes needed later are copied. With it, the writer may read `bytes`
  /// after the return and releases `owner` when it is done.
  void write(std::span<const std::byte> bytes, const std::shared_ptr<const void>& owner = nullptr);

  /// Appends `count` zeros as write() does. Long runs take no disk space if the file system
  /// supports holes.
  void write_zeros(std::uint64_t count);

  /// Ends the file or stream added last; bytes that were not written read as zeros. Every call that
  /// adds, replaces or removes something does this first, as does commit().
  void close_stream();

  /// Adds another name for a file, replacing a file at `path`. Throws kNotFound if `existing` does
  /// not exist, kAccessDenied if it is a directory or `path` is one, and what add() throws for the
  /// parent (all harmless).
  void add_link(const ImagePath& path, const ImagePath& existing);

  /// Gives a file or directory another name, in the same or another directory, with everything
  /// below it. `to` may only exist if it is another spelling of `from`. In a fork, the cost depends
  /// on the two directories whose entries change. Throws kNotFound if `from` does not exist,
  /// kExists if `to` does, kInvalidArgument if `from` is the root or contains `to`, and what add()
  /// throws for the parent of `to` (all harmless).
  void rename(const ImagePath& from, const ImagePath& to);

  /// Removes a name and, if it is a directory, everything below it. Returns true if the name
  /// existed. Throws kInvalidArgument for the root (harmless).
  bool remove(const ImagePath& path);

  /// Removes an alternate stream; returns true if it existed. Throws kInvalidArgument for an
  /// invalid name (harmless).
  bool remove(const StreamPath& stream);

  /// Returns true if there is a file or directory at the path.
  bool exists(const ImagePath& path) const;
  /// Returns true if the file or directory exists and has an alternate stream of that name.
  bool exists(const StreamPath& stream) const;
  /// Returns true if there is a directory at the path.
  bool is_directory(const ImagePath& path) const;

  /// Makes the image durable and publishes it under its name: flushes regions, then object ids,
  /// then the filesystem file. Every later call throws kInvalidArgument.
  CommitSummary commit();

  /// The names of early versions; version 0.3 removes them.
  [[deprecated("use add()")]] void create(const ImagePath& path, const FileMetadata& metadata,
                                          std::uint64_t size = 0) {
    add(path, metadata, size);
  }
  [[deprecated("use add_alternate_stream()")]] void create_stream(const ImagePath& file,
                                                                  std::u16string_view name,
                                                                  std::uint64_t size) {
    add_alternate_stream({file, std::u16string(name)}, size);
  }
  [[deprecated("use add_link()")]] void link(const ImagePath& path, const ImagePath& existing) {
    add_link(path, existing);
  }

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace cim
