// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// One region file under construction.

#include <cstdint>
#include <filesystem>

#include "cimlib/image.h"

#include "base/file.h"
#include "base/write_behind.h"

namespace cim {

/// Appends to a region file in large writes. What was appended last can be taken back, since only
/// at its end it is known whether an object is there already.
class RegionWriter {
 public:
  /// Makes the file, which must not be there yet, and its header. `write_behind` must outlive all
  /// calls.
  RegionWriter(const std::filesystem::path& path, std::uint16_t index, RegionType type,
               WriteBehind& write_behind);

  RegionType type() const noexcept { return type_; }
  const std::filesystem::path& path() const noexcept { return file_.path(); }

  /// Where the next byte goes.
  std::uint64_t position() const noexcept { return flushed_ + (end_ - begin_); }

  /// With an owner, many bytes are not copied: they are written some time later, unless position()
  /// was set back before them.
  void append(const SharedBytes& bytes);
  void append(ByteView bytes) { append(SharedBytes{bytes, nullptr}); }
  void append_zeros(std::uint64_t count);
  /// Zeros up to the next multiple of `unit`, a power of two.
  void align(std::uint64_t unit);

  /// Forgets everything from `position` on.
  void rewind(std::uint64_t position);

  /// Writes what is left; the writer is done then. It is for the caller to flush the file.
  void finish();

  File& file() noexcept { return file_; }

 private:
  void append_copy(ByteView bytes);
  void hand_over(SharedBytes bytes);
  void hand_over_copied();

  File file_;
  RegionType type_;
  WriteBehind* write_behind_;
  BufferPool buffers_;
  std::shared_ptr<Bytes> buffer_;  // small pieces are copied to it
  std::size_t begin_ = 0;          // of what was not handed over, in the buffer
  std::size_t end_ = 0;
  std::uint64_t flushed_ = 0;  // bytes of the file that count, before those in the buffer
  std::uint64_t writeback_started_ = 0;
};

}  // namespace cim
