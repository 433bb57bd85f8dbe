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

/// Appends in large writes. What was appended last can be taken back.
class FileAppender {
 public:
  /// To an empty file. Both must outlive all calls; what was not finished may still be on its way
  /// to the file until `write_behind` ends.
  FileAppender(File& file, WriteBehind& write_behind);
  FileAppender(const FileAppender&) = delete;
  FileAppender& operator=(const FileAppender&) = delete;

  /// Where the next byte goes.
  std::uint64_t position() const noexcept {
    return handed_over_ + gathered_size_ + (end_ - begin_);
  }

  /// With an owner, many bytes are not copied: they are written some time later, unless position()
  /// was set back before them. Throws what an earlier write failed with.
  void append(const SharedBytes& bytes);

  /// Appends so many zeros. Many of them are not written but left as a hole of the file, where the
  /// file system has holes.
  void append_zeros(std::uint64_t count);

  /// Forgets everything from `position` on.
  void rewind(std::uint64_t position);

  /// Reads bytes that were appended, which must all be there, wherever they are by now. Throws what
  /// reading or an earlier write failed with.
  void read_at(std::uint64_t offset, std::span<std::byte> into);

  /// Writes what is left; nothing may follow. It is for the caller to flush the file.
  void finish();

 private:
  void append_copy(ByteView bytes);
  void gather(SharedBytes piece);
  void gather_copied();
  void hand_over();

  File& file_;
  WriteBehind& write_behind_;
  BufferPool buffers_;
  std::shared_ptr<BufferPool::Buffer> buffer_;  // small pieces are copied to it
  std::size_t begin_ = 0;                       // of what was not gathered, in the buffer
  std::size_t end_ = 0;
  std::vector<SharedBytes> gathered_;  // before those in the buffer
  std::uint64_t gathered_size_ = 0;
  std::uint64_t handed_over_ = 0;     // bytes of the file that count, before those gathered
  std::uint64_t end_of_written_ = 0;  // no byte from there on was ever written
  std::uint64_t writeback_started_ = 0;
};

}  // namespace cim
