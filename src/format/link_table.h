// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// Link tables: names and their values, which are file ids in a directory and streams in a table of
// alternate streams (docs/format.md, "Link tables").

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "format/stream.h"

namespace cim::format {

/// The upper case of every UTF-16 unit, by which names are compared.
using UpcaseTable = std::array<char16_t, 65536>;
inline constexpr std::size_t kUpcaseTableSize = std::size_t{65536} * 2;

inline constexpr std::size_t kLinkTableHeaderSize = 8;

/// The maximum size of a table: some eight million names of a directory, and far less than the four
/// gigabytes that a crafted length could make a reader allocate.
inline constexpr std::uint64_t kMaxLinkTableSize = std::uint64_t{512} << 20;

/// A table in its disk form, checked once so that every access is in bounds.
class LinkTable {
 public:
  /// The type of the values; the number is their size on disk.
  enum class Values : std::uint32_t { kFileIds = 4, kStreams = 16 };

  /// Makes an empty table.
  explicit LinkTable(Values values) noexcept : values_(values) {}

  /// Checks counts, bounds and names, but not the order. Drops bytes past the table's own length.
  /// Throws kCorrupt with `source` and the place in it; `offset` is where the bytes start there.
  LinkTable(Bytes bytes, Values values, std::string_view source, std::uint64_t offset);

  /// Returns the table's own length, which its first bytes hold.
  static std::uint32_t total_length(ByteView header, std::string_view source, std::uint64_t offset);

  std::uint32_t size() const noexcept { return count_; }
  /// Returns the bytes of memory that a table on the heap takes, including the overhead of a map
  /// that holds it.
  std::size_t memory_size() const noexcept {
    constexpr std::size_t kAround = 256;
    return kAround + bytes_.capacity();
  }
  /// Returns the bytes that the table takes on disk.
  std::size_t disk_size() const noexcept { return bytes_.size(); }

  std::u16string name(std::uint32_t index) const;
  std::uint32_t file_id(std::uint32_t index) const;
  Stream stream(std::uint32_t index) const;

  /// Searches by bisection in the order of the format; the result is unspecified if the table is
  /// not in that order.
  std::optional<std::uint32_t> find(std::u16string_view name, const UpcaseTable& upcase) const;

  /// True if the name of entry `index` sorts before that of entry `index + 1`.
  bool is_in_order(std::uint32_t index, const UpcaseTable& upcase) const;

 private:
  /// Returns the number of bytes that the entry's name takes.
  std::size_t check_entry(std::uint32_t index, std::string_view source, std::uint64_t offset) const;
  ByteView value(std::uint32_t index) const;
  std::size_t name_offset(std::uint32_t index) const;
  ByteView name_bytes(std::uint32_t index) const;

  Bytes bytes_;
  Values values_;
  std::uint32_t count_ = 0;
};

/// Returns the values of a directory's table in its disk form, without checking the names; empty if
/// the counts are impossible.
std::vector<std::uint32_t> file_ids_of(ByteView table);

/// Builds a table from entries of one kind, added in order.
class LinkTableBuilder {
 public:
  void add(std::u16string_view name, std::uint32_t file_id);
  void add(std::u16string_view name, const Stream& stream);

  /// Throws kLimit if the table exceeds the size that readers accept.
  Bytes finish() const;

 private:
  void add_name(std::u16string_view name);

  Bytes value_bytes_;
  Bytes name_bytes_;
  std::vector<std::uint32_t> name_starts_;
};

}  // namespace cim::format
