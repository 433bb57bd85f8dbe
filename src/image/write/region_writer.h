// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// A region file under construction.

#include <cstdint>
#include <filesystem>
#include <span>

#include "cimlib/error.h"
#include "cimlib/image.h"

#include "async/file_appender.h"
#include "format/header.h"
#include "format/region_offset.h"

namespace cim {

/// A file that starts with the header of a region and to which objects are appended. The last
/// object can be removed again, because it is known only at its end whether it is a duplicate.
class RegionWriter {
 public:
  /// Creates the file, which must not exist, and its header. `write_behind` as for a FileAppender.
  RegionWriter(const std::filesystem::path& path, std::uint16_t index, RegionType type,
               WriteBehind& write_behind)
      : file_(File::create_new(path)), appender_(file_, write_behind), type_(type) {
    append(format::encode(
        format::RegionHeader{.index = index, .type = static_cast<std::uint8_t>(type)}));
  }

  RegionType type() const noexcept { return type_; }
  File& file() noexcept { return file_; }
  const File& file() const noexcept { return file_; }

  /// Returns where the next byte is written.
  std::uint64_t position() const noexcept { return appender_.position(); }

  /// Like FileAppender::append; throws kLimit if the region would exceed the maximum size.
  void append(const SharedBytes& bytes) {
    require_room(bytes.bytes.size());
    appender_.append(bytes);
  }
  void append(ByteView bytes) { append(SharedBytes{bytes, nullptr}); }
  /// Like FileAppender::append_zeros.
  void append_zeros(std::uint64_t count) {
    require_room(count);
    appender_.append_zeros(count);
  }
  /// Appends zeros up to the next multiple of `unit`, a power of two.
  void align(std::uint64_t unit) { append_zeros((unit - position() % unit) % unit); }

  /// Removes everything from `position` on.
  void rewind(std::uint64_t position) { appender_.rewind(position); }

  /// Like FileAppender::read_at.
  void read_at(std::uint64_t offset, std::span<std::byte> into) { appender_.read_at(offset, into); }

  /// Writes buffered data; nothing can be appended afterwards. Flushing the file is up to the
  /// caller.
  void finish() { appender_.finish(); }

 private:
  void require_room(std::uint64_t size) const {
    if (size > format::RegionOffset::kMaxByteOffset - position()) {
      throw Error(ErrorCode::kLimit, file_.path().string(), "a region of more than 2^48 bytes");
    }
  }

  File file_;
  FileAppender appender_;
  RegionType type_;
};

}  // namespace cim
