// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// Bounds-checked access to bytes that came from a file, and functions that append bytes for one.

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

namespace cim {

using Bytes = std::vector<std::byte>;
using ByteView = std::span<const std::byte>;

/// A type that can be copied from and to the disk as it is: without padding and independent of the
/// byte order.
template <typename T>
concept DiskStruct = std::is_trivially_copyable_v<T> && alignof(T) == 1;

/// Convert between a text and its bytes, without copying.
inline ByteView as_bytes(std::string_view text) noexcept {
  return std::as_bytes(std::span(text.data(), text.size()));
}
inline std::string_view as_text(ByteView bytes) noexcept {
  // char may alias any type; the cast is written only here.
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

/// Returns whether both have the same bytes. (std::ranges::equal compares std::byte one by one.)
inline bool equal(ByteView a, ByteView b) noexcept {
  return as_text(a) == as_text(b);
}

/// Reads structures one after another and never past the end: a read that does not fit throws
/// kCorrupt with the source and the offset. Keeps references to the bytes and to the source's name;
/// both must outlive it.
class ByteReader {
 public:
  /// `source` names the bytes in errors; `base` is the offset of the first byte in the source.
  ByteReader(ByteView bytes, std::string_view source, std::uint64_t base = 0) noexcept
      : bytes_(bytes), source_(source), base_(base) {}

  std::size_t position() const noexcept { return position_; }
  std::size_t size() const noexcept { return bytes_.size(); }
  std::size_t remaining() const noexcept { return bytes_.size() - position_; }

  /// Moves to `position`; `what` names in errors the thing expected there.
  void seek(std::size_t position, std::string_view what);

  template <DiskStruct T>
  T read(std::string_view what) {
    T value;
    const ByteView from = take(sizeof(T), what);
    std::memcpy(&value, from.data(), sizeof(T));
    return value;
  }

  /// Returns the next `size` bytes, which are valid as long as the source is.
  ByteView take(std::size_t size, std::string_view what);

  /// Throws kCorrupt with the current position.
  [[noreturn]] void fail(std::string reason) const;

 private:
  ByteView bytes_;
  std::string_view source_;
  std::uint64_t base_;
  std::size_t position_ = 0;
};

/// Returns the bytes as lower-case hexadecimal digits.
std::string to_hex(ByteView bytes);

/// Appends bytes. Not inline, since g++ 12 at -O3 warns of impossible overflows inside the inlined
/// vector.
void append(Bytes& bytes, ByteView more);

/// Appends a structure.
template <DiskStruct T>
void append(Bytes& bytes, const T& value) {
  append(bytes, std::as_bytes(std::span(&value, 1)));
}

}  // namespace cim
