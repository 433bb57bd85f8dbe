// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// Checked access to bytes that came from a file, and the building of bytes that go into one.

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

/// What disk structures are: copied as they are, with no padding or order of their own.
template <typename T>
concept DiskStruct = std::is_trivially_copyable_v<T> && alignof(T) == 1;

/// The bytes of a text, and the text of bytes.
inline ByteView as_bytes(std::string_view text) noexcept {
  return std::as_bytes(std::span(text.data(), text.size()));
}
inline std::string_view as_text(ByteView bytes) noexcept {
  // char may alias anything; this is the one place that says so.
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

/// Reads structures one after another and never past the end: a read that does not fit throws
/// kCorrupt with the source and the offset. Refers to the bytes and to the source's name; both must
/// outlive it.
class ByteReader {
 public:
  /// `source` names the bytes in errors; `base` is the offset there of the first of them.
  ByteReader(ByteView bytes, std::string_view source, std::uint64_t base = 0) noexcept
      : bytes_(bytes), source_(source), base_(base) {}

  std::size_t position() const noexcept { return position_; }
  std::size_t size() const noexcept { return bytes_.size(); }
  std::size_t remaining() const noexcept { return bytes_.size() - position_; }

  /// Goes to `position`; `what` names what is looked for there.
  void seek(std::size_t position, std::string_view what);

  template <DiskStruct T>
  T read(std::string_view what) {
    T value;
    const ByteView from = take(sizeof(T), what);
    std::memcpy(&value, from.data(), sizeof(T));
    return value;
  }

  /// The next `size` bytes; they live as long as the source does.
  ByteView take(std::size_t size, std::string_view what);

  /// Throws kCorrupt at the present position.
  [[noreturn]] void fail(std::string reason) const;

 private:
  ByteView bytes_;
  std::string_view source_;
  std::uint64_t base_;
  std::size_t position_ = 0;
};

/// Lower-case hexadecimal digits of bytes.
std::string to_hex(ByteView bytes);

/// Appends to bytes under construction. Out of line, since g++ 12 at -O3 warns of overflows inside
/// the inlined vector that can't happen.
void append(Bytes& bytes, ByteView more);

/// Appends a structure.
template <DiskStruct T>
void append(Bytes& bytes, const T& value) {
  append(bytes, std::as_bytes(std::span(&value, 1)));
}

}  // namespace cim
