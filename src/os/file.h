// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// The contents of host files: positional reads and writes, flushing, and atomic publishing of a new
// file under its name. Names and directories are in os/host_path.h. One implementation per system
// (file_posix.cpp, file_windows.cpp).

#include <cstdint>
#include <filesystem>
#include <functional>
#include <span>

#include "base/bytes.h"

namespace cim {

/// Identifies a file and its state: equal stamps mean the same file, unchanged.
struct FileStamp {
  std::uint64_t device = 0;
  std::uint64_t number = 0;  ///< of the file on its device
  std::uint64_t size = 0;
  std::int64_t written = 0;           ///< time of the last write, in system-dependent units
  std::int64_t written_fraction = 0;  ///< its fraction of such a unit

  bool is_same_file(const FileStamp& other) const noexcept {
    return device == other.device && number == other.number;
  }
  bool operator==(const FileStamp&) const = default;
};

/// An open file; closed when destroyed. Positional calls may come from many threads at once.
class File {
 public:
  /// Holds no file; it can only be assigned to.
  File() noexcept = default;
  File(File&& other) noexcept;
  File& operator=(File&& other) noexcept;
  ~File();

  /// Opens a regular file for reading. Throws kNotFound, kAccessDenied, kIo; kInvalidArgument for a
  /// directory.
  static File open_read(const std::filesystem::path& path);

  /// As open_read(), for a name that the user did not give: a symbolic link is kInvalidArgument,
  /// since it could lead to a file that its creator may not read.
  static File open_read_unlinked(const std::filesystem::path& path);

  /// Creates a file for reading and writing. Throws kExists if it exists already.
  static File create_new(const std::filesystem::path& path);

  /// Takes ownership of an open descriptor; the path is used only in messages.
  static File adopt(int descriptor, std::filesystem::path path) noexcept;

  /// Closes a file that sync() was not called for. Throws the error of a write that failed, which
  /// network file systems may report only here. Afterwards the object can only be assigned to.
  void close();

  const std::filesystem::path& path() const noexcept { return path_; }
  int descriptor() const noexcept { return descriptor_; }
  std::uint64_t size() const;
  FileStamp stamp() const;
  /// Returns the bytes of the file outside holes, as far as the file system reports holes.
  std::uint64_t size_without_holes() const;

  /// Fills the buffer from `offset` on, up to the end of the file; returns the number of bytes
  /// read.
  std::size_t read_some_at(std::uint64_t offset, std::span<std::byte> into) const;

  /// Fills the whole buffer. Throws kCorrupt if the file ends earlier.
  void read_at(std::uint64_t offset, std::span<std::byte> into) const;

  /// Writes all bytes. Throws kNoSpace or kIo.
  void write_at(std::uint64_t offset, ByteView bytes);

  /// Writes pieces contiguously, with as few system calls as possible. Throws as write_at().
  void write_pieces_at(std::uint64_t offset, std::span<const ByteView> pieces);

  void resize(std::uint64_t size);

  /// Lets ranges that are never written become holes. Needed once on Windows, where the file
  /// otherwise gets zeros; no effect if the file system has no holes.
  void allow_holes() noexcept;

  /// Asks the kernel to start reading a range into memory, without waiting.
  void start_reading(std::uint64_t offset, std::uint64_t size) const noexcept;
  /// Turns off read-ahead, so that the system reads only the ranges asked for. No effect on
  /// Windows.
  void read_nothing_ahead() noexcept;

  /// Asks the kernel to start writing a range to disk, without waiting; a size of 0 means up to the
  /// end. Throws the error of a write that failed.
  void start_writeback(std::uint64_t offset, std::uint64_t size);
  /// Waits until everything was written to the disk, whose own cache may still hold it. Throws the
  /// error of a write that failed.
  void wait_for_writeback();

  /// Waits until everything is on disk. A failed write is reported once per open file, by whichever
  /// of these three calls comes first; after any of them has thrown, the caller must not continue.
  void sync();

 private:
  File(int descriptor, std::filesystem::path path) noexcept;
  void sync_range(std::uint64_t offset, std::uint64_t size, unsigned flags);

  int descriptor_ = -1;
  std::filesystem::path path_;
};

/// Waits until all of these files are on disk, in about the time that one takes: the file system
/// has the data of all of them when it handles the first flush.
void sync_together(std::span<File* const> files);

/// How publish() treats a name that is taken.
enum class Publish { kReplace, kFailIfThere };

/// A file that gets its name only when it is complete: written under another name in the same
/// directory, flushed, renamed, and the directory flushed. Without publish() it is removed.
class AtomicFile {
 public:
  explicit AtomicFile(std::filesystem::path target);
  AtomicFile(const AtomicFile&) = delete;
  AtomicFile& operator=(const AtomicFile&) = delete;
  ~AtomicFile();

  File& file() noexcept { return file_; }

  /// Throws kExists for kFailIfThere if the target exists. If it throws without having called
  /// `published`, the target is as it was. It calls that before it throws if the target was
  /// replaced, but the directory could not be flushed.
  void publish(
      Publish mode, const std::function<void()>& published = [] {});

 private:
  std::filesystem::path target_;
  File file_;
  bool published_ = false;
};

/// Reads a whole file of at most `limit` bytes; a larger one is kLimit.
Bytes read_whole_file(const std::filesystem::path& path, std::uint64_t limit);

}  // namespace cim
