// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// Files of the host: positional reads and writes, flushing, and the publishing of a new file under
// a name in one step. One implementation per system (file_posix.cpp).

#include <cstdint>
#include <filesystem>
#include <functional>
#include <span>

#include "base/bytes.h"

namespace cim {

/// What tells a file from another one and from itself after a change.
struct FileStamp {
  std::uint64_t device = 0;
  std::uint64_t number = 0;  ///< of the file on its device
  std::uint64_t size = 0;
  std::int64_t written = 0;           ///< when it was written to last: units of the system's own
  std::int64_t written_fraction = 0;  ///< the same, what is less than such a unit

  bool is_same_file(const FileStamp& other) const noexcept {
    return device == other.device && number == other.number;
  }
  bool operator==(const FileStamp&) const = default;
};

/// An open file; closed with the object. Positional calls may come from many threads at once.
class File {
 public:
  /// No file: only assigning to it makes sense.
  File() noexcept = default;
  File(File&& other) noexcept;
  File& operator=(File&& other) noexcept;
  ~File();

  /// Opens a regular file for reading. Throws kNotFound, kAccessDenied, kIo; kInvalidArgument for a
  /// directory.
  static File open_read(const std::filesystem::path& path);

  /// The same for a name that the user did not give: a link of that name is kInvalidArgument, since
  /// it would lead to what its owner may not read.
  static File open_read_unlinked(const std::filesystem::path& path);

  /// Makes a file that must not be there yet (kExists), for reading and writing.
  static File create_new(const std::filesystem::path& path);

  /// Takes over an open descriptor; the path is for messages alone.
  static File adopt(int descriptor, std::filesystem::path path) noexcept;

  const std::filesystem::path& path() const noexcept { return path_; }
  int descriptor() const noexcept { return descriptor_; }
  std::uint64_t size() const;
  FileStamp stamp() const;
  /// Bytes of the file that are not in holes, as far as the file system tells.
  std::uint64_t size_without_holes() const;

  /// Fills the buffer from `offset` on as far as the file goes; returns the bytes read.
  std::size_t read_some_at(std::uint64_t offset, std::span<std::byte> into) const;

  /// Fills the whole buffer; a file that ends before is kCorrupt.
  void read_at(std::uint64_t offset, std::span<std::byte> into) const;

  /// Writes all of it. Throws kNoSpace or kIo.
  void write_at(std::uint64_t offset, ByteView bytes);

  /// Writes pieces one behind the other, in as few steps as the system allows. Throws as
  /// write_at().
  void write_pieces_at(std::uint64_t offset, std::span<const ByteView> pieces);

  void resize(std::uint64_t size);

  /// Asks the kernel to start reading a range into memory, without waiting.
  void start_reading(std::uint64_t offset, std::uint64_t size) const noexcept;
  /// Has the system read what is asked for alone, from now on; nothing happens on Windows.
  void read_nothing_ahead() noexcept;

  /// Asks the kernel to start writing a range to disk, without waiting; a size of 0 means up to the
  /// end. Throws what a write failed with.
  void start_writeback(std::uint64_t offset, std::uint64_t size);
  /// Waits until all of it was written to the disk, which may still have it in its own cache.
  /// Throws what a write failed with.
  void wait_for_writeback();

  /// Waits until all of it is on disk. A write that failed is reported once to each open file, by
  /// whichever of these three calls comes first: the caller must not go on after any of them threw.
  void sync();

 private:
  File(int descriptor, std::filesystem::path path) noexcept;
  void sync_range(std::uint64_t offset, std::uint64_t size, unsigned flags);

  int descriptor_ = -1;
  std::filesystem::path path_;
};

/// Waits until all of these are on disk, in about the time that one of them takes: the file system
/// has them all at hand when the first is waited for.
void sync_together(std::span<File* const> files);

/// A name beside `target` that nobody else has and that says what it is: ".NAME.GUID.tmp", with as
/// much of a long name as fits.
std::filesystem::path temporary_name(const std::filesystem::path& target);

/// What to do where the name is taken already.
enum class Publish { kReplace, kFailIfThere };

/// A file that gets its name only when it is complete: written under another name in the same
/// directory, flushed, renamed, and the directory flushed. Without publish() nothing is left.
class AtomicFile {
 public:
  explicit AtomicFile(std::filesystem::path target);
  AtomicFile(const AtomicFile&) = delete;
  AtomicFile& operator=(const AtomicFile&) = delete;
  ~AtomicFile();

  File& file() noexcept { return file_; }

  /// Throws kExists if the target is there and must not be. A failure before `published` is called
  /// leaves the target as before; after it only the flushing of the directory can fail.
  void publish(
      Publish mode, const std::function<void()>& published = [] {});

 private:
  std::filesystem::path target_;
  File file_;
  bool published_ = false;
};

/// Reads a whole file of at most `limit` bytes; a larger one is kLimit.
Bytes read_whole_file(const std::filesystem::path& path, std::uint64_t limit);

/// Waits until the names in a directory are on disk.
void sync_directory(const std::filesystem::path& directory);

/// Gives a file another name in the same file system, in place of what has it. Throws kIo,
/// kNoSpace, kAccessDenied.
void rename_file(const std::filesystem::path& from, const std::filesystem::path& to);

/// Whether two names lead to one file; not if either leads nowhere.
bool is_same_file(const std::filesystem::path& a, const std::filesystem::path& b);

/// Removes a file if it is there; returns whether it was. Throws kIo, kAccessDenied.
bool remove_file(const std::filesystem::path& path);

/// Removes a directory if it is there and nothing is in it; returns whether it was so. Throws kIo,
/// kAccessDenied.
bool remove_empty_directory(const std::filesystem::path& path);

}  // namespace cim
