// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// One region file under construction.

#include <cstdint>
#include <filesystem>
#include <span>

#include "cimlib/image.h"

#include "async/file_appender.h"

namespace cim {

/// A file to append to, which starts with the header of a region. What was appended last can be
/// taken back, since only at its end it is known whether an object is there already.
class RegionWriter {
 public:
  /// Makes the file, which must not be there yet, and its header. `write_behind` as for a
  /// FileAppender.
  RegionWriter(const std::filesystem::path& path, std::uint16_t index, RegionType type,
               WriteBehind& write_behind);

  RegionType type() const noexcept { return type_; }
  File& file() noexcept { return file_; }

  /// Where the next byte goes.
  std::uint64_t position() const noexcept { return appender_.position(); }

  /// As FileAppender::append; throws kLimit if the region gets larger than any can be.
  void append(const SharedBytes& bytes);
  void append(ByteView bytes) { append(SharedBytes{bytes, nullptr}); }
  /// As FileAppender::append_zeros.
  void append_zeros(std::uint64_t count);
  /// Zeros up to the next multiple of `unit`, a power of two.
  void align(std::uint64_t unit);

  /// Forgets everything from `position` on.
  void rewind(std::uint64_t position) { appender_.rewind(position); }

  /// As FileAppender::read_at.
  void read_at(std::uint64_t offset, std::span<std::byte> into) { appender_.read_at(offset, into); }

  /// Writes what is left; the writer is done then. It is for the caller to flush the file.
  void finish() { appender_.finish(); }

 private:
  void require_room(std::uint64_t size) const;

  File file_;
  FileAppender appender_;
  RegionType type_;
};

}  // namespace cim
