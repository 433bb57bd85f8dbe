// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// Link tables: names and their values, which are file ids in a directory and streams in a table of
// alternate streams (docs/format.md, "Link tables").

#include <algorithm>
#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "format/finding.h"
#include "format/stream.h"

namespace cim::format {

/// The upper case of every UTF-16 unit, by which names are compared.
using UpcaseTable = std::array<char16_t, 65536>;
inline constexpr std::size_t kUpcaseTableSize = std::size_t{65536} * 2;

inline constexpr std::size_t kLinkTableHeaderSize = 8;

/// The maximum size of a table: some eight million names of a directory, and far less than the four
/// gigabytes that a crafted length could make a reader allocate.
inline constexpr std::uint64_t kMaxLinkTableSize = std::uint64_t{512} << 20;

/// Returns why a name of these UTF-16 units cannot be the name of a file, directory or stream;
/// empty if it can. The caller checks the number of units.
template <typename UnitAt>
std::string_view name_defect(std::size_t units, const UnitAt& unit_at) {
  for (std::size_t i = 0; i < units; ++i) {
    const char16_t unit = unit_at(i);
    if (unit == u'\\' || unit == u'/' || unit == u':' || unit == u'\0') {
      return R"(a name cannot contain \, /, : or NUL)";
    }
  }
  const bool is_dots = units <= 2 && unit_at(0) == u'.' && unit_at(units - 1) == u'.';
  return is_dots ? "is not a valid name" : "";
}

/// A table in its disk form, checked once so that every access is in bounds.
class LinkTable {
 public:
  /// The type of the values; the number is their size on disk.
  enum class Values : std::uint32_t { kFileIds = 4, kStreams = 16 };

  /// Makes an empty table.
  explicit LinkTable(Values values) noexcept : values_(values) {}

  /// Checks counts, bounds and names, but not the order, and reports what is wrong. Drops bytes
  /// past the table's own length. If its length or count is impossible, the table becomes empty.
  /// `due` is the length that the reference to the table states; nullopt if it states none.
  LinkTable(Bytes bytes, Values values, FindingSink& sink,
            std::optional<std::uint64_t> due = std::nullopt);

  /// Returns the length of the table that begins with these bytes, by its own account; the number
  /// of bytes if they are fewer than a table's header.
  static std::uint64_t stated_length(ByteView start);

  std::uint32_t size() const noexcept { return count_; }
  /// Returns the bytes of memory that a table on the heap takes, including the overhead of a map
  /// that holds it.
  std::size_t memory_size() const noexcept {
    constexpr std::size_t kAround = 256;
    return kAround + bytes_.capacity();
  }
  /// Returns the bytes that the table takes on disk.
  std::size_t disk_size() const noexcept { return bytes_.size(); }

  /// Returns false if the name of the entry is invalid, which was reported.
  bool has_name(std::uint32_t index) const {
    return invalid_names_.empty() || !std::ranges::binary_search(invalid_names_, index);
  }
  /// The entry must have a name.
  std::u16string name(std::uint32_t index) const;
  std::uint32_t file_id(std::uint32_t index) const;
  DiskStream disk_stream(std::uint32_t index) const;
  Stream stream(std::uint32_t index) const { return decode(disk_stream(index)); }

  /// Return the places of an entry's value and name, from the start of the table.
  std::size_t value_offset(std::uint32_t index) const noexcept {
    return kLinkTableHeaderSize + std::size_t{index} * static_cast<std::uint32_t>(values_);
  }
  std::size_t name_offset(std::uint32_t index) const;

  /// Searches by bisection in the order of the format; the result is unspecified if the table is
  /// not in that order.
  std::optional<std::uint32_t> find(std::u16string_view name, const UpcaseTable& upcase) const;

  /// Compares the names of two entries as the format orders them.
  std::strong_ordering compare_names(std::uint32_t a, std::uint32_t b,
                                     const UpcaseTable& upcase) const;

 private:
  bool check_head(std::optional<std::uint64_t> due, FindingSink& sink);
  bool check_name(std::uint32_t index, std::uint64_t& names_left, FindingSink& sink) const;
  std::size_t reference_offset(std::uint32_t index) const noexcept {
    return value_offset(count_) + std::size_t{4} * index;
  }
  ByteView name_bytes(std::uint32_t index) const;

  Bytes bytes_;
  Values values_;
  std::uint32_t count_ = 0;
  std::vector<std::uint32_t> invalid_names_;  // entries with invalid names, ascending
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
