// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// A file that grows at its end, written by another thread while more is appended.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "async/shared_bytes.h"
#include "async/write_behind.h"
#include "os/file.h"

namespace cim {

/// Appends in large writes. The bytes appended last can be discarded again.
class FileAppender {
 public:
  /// The file must be empty. Both references must outlive all calls; until `write_behind` is
  /// destroyed, bytes that were not finished may still be written to the file.
  FileAppender(File& file, WriteBehind& write_behind);
  FileAppender(const FileAppender&) = delete;
  FileAppender& operator=(const FileAppender&) = delete;

  /// Returns the offset at which the next byte will be stored.
  std::uint64_t position() const noexcept {
    return handed_over_ + gathered_size_ + (end_ - begin_) + zeros_;
  }

  /// Appends bytes. Large pieces with an owner are not copied but written later, unless rewind()
  /// discards them first. Long runs of zeros are not written but become holes in the file, if the
  /// file system supports holes. Throws the error that an earlier write failed with.
  void append(const SharedBytes& bytes);

  /// Like append() with `count` zeros.
  void append_zeros(std::uint64_t count) noexcept { zeros_ += count; }

  /// Discards everything from `position` on.
  void rewind(std::uint64_t position);

  /// Reads appended bytes, whether already written or not; all of the range must have been
  /// appended. Throws the error that this read or an earlier write failed with.
  void read_at(std::uint64_t offset, std::span<std::byte> into);

  /// Writes what is left; nothing may be appended afterwards. Does not flush the file to disk; that
  /// is up to the caller.
  void finish();

 private:
  void append_zeros_before();
  void append_data(const SharedBytes& bytes);
  void append_copy(ByteView bytes);
  void gather(SharedBytes piece);
  void gather_copied();
  void hand_over();

  File& file_;
  WriteBehind& write_behind_;
  BufferPool buffers_;
  std::shared_ptr<BufferPool::Buffer> buffer_;  // small pieces are copied into it
  std::size_t begin_ = 0;                       // of the bytes in the buffer that were not gathered
  std::size_t end_ = 0;
  std::vector<SharedBytes> gathered_;  // these precede the bytes in the buffer
  std::uint64_t gathered_size_ = 0;
  std::uint64_t zeros_ = 0;           // these follow the bytes in the buffer
  std::uint64_t handed_over_ = 0;     // valid bytes of the file, before those gathered
  std::uint64_t end_of_written_ = 0;  // nothing was ever written at or after this offset
  std::uint64_t writeback_started_ = 0;
  bool has_holes_ = false;
};

}  // namespace cim
