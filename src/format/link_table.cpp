// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
// A table is checked once, when it is made. Names that are invalid are reported and remembered, so
// that a check can continue with the others.
#include "format/link_table.h"

#include <algorithm>
#include <compare>
#include <cstring>
#include <utility>

#include <fmt/format.h>

#include "cimlib/error.h"
#include "cimlib/image_path.h"

#include "base/checked_math.h"
#include "base/endian.h"
#include "base/utf16.h"

namespace cim::format {
namespace {

struct DiskLinkTableHeader {
  Le32 length;  // 0, itself included
  Le32 count;   // 4
};
static_assert(sizeof(DiskLinkTableHeader) == kLinkTableHeaderSize);

template <DiskStruct T>
T load(ByteView bytes, std::size_t offset) {
  T value;
  std::memcpy(&value, bytes.subspan(offset, sizeof value).data(), sizeof value);
  return value;
}

char16_t unit(ByteView name, std::size_t index) {
  return static_cast<char16_t>(std::uint16_t{load<Le16>(name, 2 * index)});
}

template <typename UnitAt>
std::strong_ordering compare(ByteView a, std::size_t b_units, const UnitAt& b,
                             const UpcaseTable& upcase) {
  const std::size_t a_units = a.size() / 2;
  for (std::size_t i = 0; i < std::min(a_units, b_units); ++i) {
    const auto order = upcase[unit(a, i)] <=> upcase[b(i)];
    if (order != 0) {
      return order;
    }
  }
  return a_units <=> b_units;
}

}  // namespace

LinkTable::LinkTable(Bytes bytes, Values values, FindingSink& sink,
                     std::optional<std::uint64_t> due)
    : bytes_(std::move(bytes)), values_(values) {
  if (!check_head(due, sink)) {
    bytes_.clear();
    return;
  }
  // Names never share bytes, so a table cannot expand to more than its own size.
  std::uint64_t names_left = bytes_.size() - reference_offset(count_);
  for (std::uint32_t i = 0; i < count_; ++i) {
    if (!check_name(i, names_left, sink)) {
      invalid_names_.push_back(i);
    }
  }
}

std::uint64_t LinkTable::stated_length(ByteView start) {
  if (start.size() < kLinkTableHeaderSize) {
    return start.size();
  }
  return load<DiskLinkTableHeader>(start, 0).length;
}

// Returns false if the table cannot be read. The count is checked against the length before
// anything is allocated for it.
bool LinkTable::check_head(std::optional<std::uint64_t> due, FindingSink& sink) {
  const std::uint64_t length = stated_length(bytes_);
  const bool is_possible = length >= kLinkTableHeaderSize && length <= bytes_.size();
  if (!is_possible || length != due.value_or(length)) {
    sink.add(
        Kind::kTableLength, 0,
        fmt::format("a table of names of {} bytes, expected {}", length,
                    std::max<std::uint64_t>(due.value_or(bytes_.size()), kLinkTableHeaderSize)));
  }
  if (!is_possible) {
    return false;
  }
  bytes_.resize(static_cast<std::size_t>(length));
  const std::uint32_t count = load<DiskLinkTableHeader>(bytes_, 0).count;
  const std::size_t entry_size = static_cast<std::uint32_t>(values_) + sizeof(Le32);
  if (count > (bytes_.size() - kLinkTableHeaderSize) / entry_size) {
    sink.add(Kind::kTableCount, offsetof(DiskLinkTableHeader, count),
             fmt::format("{} names do not fit into a table of {} bytes", count, bytes_.size()));
    return false;
  }
  if (count == 0) {
    sink.add(Kind::kTableEmpty, offsetof(DiskLinkTableHeader, count),
             "the table of names is empty");
  }
  count_ = count;
  return true;
}

// Takes the size of the name from the bytes that no name has used yet.
bool LinkTable::check_name(std::uint32_t index, std::uint64_t& names_left,
                           FindingSink& sink) const {
  const std::size_t start = name_offset(index);
  if (start < reference_offset(count_) || !fits_within(start, sizeof(Le16), bytes_.size())) {
    sink.add(Kind::kNamePlace, reference_offset(index),
             fmt::format("name {} starts at byte {} of a table of {} bytes", index, start,
                         bytes_.size()));
    return false;
  }
  const std::size_t units = load<Le16>(bytes_, start);
  if (units == 0 || units > kMaxNameUnits) {
    sink.add(Kind::kNameLength, start,
             fmt::format("a name of {} UTF-16 units; it must have 1 to {}", units, kMaxNameUnits));
    return false;
  }
  const std::size_t size = sizeof(Le16) + 2 * units;
  if (!fits_within(start, size, bytes_.size())) {
    sink.add(Kind::kNamePlace, start,
             fmt::format("name {} of {} UTF-16 units extends past its table", index, units));
    return false;
  }
  if (size > names_left) {
    sink.add(Kind::kNameOverlap, start, "names in the table overlap");
    return false;
  }
  names_left -= size;
  const ByteView name = name_bytes(index);
  const auto defect = name_defect(units, [name](std::size_t i) { return unit(name, i); });
  if (!defect.empty()) {
    sink.add(Kind::kNameImpossible, start, fmt::format("name {}: {}", index, defect));
    return false;
  }
  return true;
}

std::size_t LinkTable::name_offset(std::uint32_t index) const {
  return load<Le32>(bytes_, reference_offset(index));
}

ByteView LinkTable::name_bytes(std::uint32_t index) const {
  const std::size_t start = name_offset(index);
  const std::size_t units = load<Le16>(bytes_, start);
  return ByteView(bytes_).subspan(start + 2, 2 * units);
}

std::u16string LinkTable::name(std::uint32_t index) const {
  return utf16_from_le(name_bytes(index));
}

std::uint32_t LinkTable::file_id(std::uint32_t index) const {
  return load<Le32>(bytes_, value_offset(index));
}

DiskStream LinkTable::disk_stream(std::uint32_t index) const {
  return load<DiskStream>(bytes_, value_offset(index));
}

std::optional<std::uint32_t> LinkTable::find(std::u16string_view name,
                                             const UpcaseTable& upcase) const {
  std::uint32_t low = 0;
  std::uint32_t high = count_;
  while (low < high) {
    const std::uint32_t middle = low + (high - low) / 2;
    const auto order = compare(
        name_bytes(middle), name.size(), [name](std::size_t i) { return name[i]; }, upcase);
    if (order == 0) {
      return middle;
    }
    if (order < 0) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return std::nullopt;
}

std::strong_ordering LinkTable::compare_names(std::uint32_t a, std::uint32_t b,
                                              const UpcaseTable& upcase) const {
  const ByteView other = name_bytes(b);
  return compare(
      name_bytes(a), other.size() / 2, [other](std::size_t i) { return unit(other, i); }, upcase);
}

void LinkTableBuilder::add(std::u16string_view name, std::uint32_t file_id) {
  append(value_bytes_, Le32(file_id));
  add_name(name);
}

void LinkTableBuilder::add(std::u16string_view name, const Stream& stream) {
  append(value_bytes_, encode(stream));
  add_name(name);
}

std::vector<std::uint32_t> file_ids_of(ByteView table) {
  if (table.size() < kLinkTableHeaderSize) {
    return {};
  }
  constexpr std::size_t kEntrySize = sizeof(Le32) + sizeof(Le32);  // id and name's offset
  const auto header = load<DiskLinkTableHeader>(table, 0);
  if (header.count > (table.size() - kLinkTableHeaderSize) / kEntrySize) {
    return {};
  }
  std::vector<std::uint32_t> ids(header.count);
  for (std::size_t i = 0; i < ids.size(); ++i) {
    ids[i] = load<Le32>(table, kLinkTableHeaderSize + sizeof(Le32) * i);
  }
  return ids;
}

void LinkTableBuilder::add_name(std::u16string_view name) {
  name_starts_.push_back(static_cast<std::uint32_t>(name_bytes_.size()));
  append(name_bytes_, Le16(static_cast<std::uint16_t>(name.size())));
  append_utf16_le(name_bytes_, name);
}

// The parts in order: header, values, offsets of the names, names.
Bytes LinkTableBuilder::finish() const {
  const std::size_t names_start =
      kLinkTableHeaderSize + value_bytes_.size() + sizeof(Le32) * name_starts_.size();
  const std::uint64_t length = names_start + name_bytes_.size();
  if (length > kMaxLinkTableSize) {
    throw Error(ErrorCode::kLimit, "a directory",
                fmt::format("{} names need a table of {} bytes; the limit is {}",
                            name_starts_.size(), length, kMaxLinkTableSize));
  }
  Bytes table;
  table.reserve(static_cast<std::size_t>(length));
  append(table, DiskLinkTableHeader{static_cast<std::uint32_t>(length),
                                    static_cast<std::uint32_t>(name_starts_.size())});
  append(table, ByteView(value_bytes_));
  for (const std::uint32_t start : name_starts_) {
    append(table, Le32(static_cast<std::uint32_t>(names_start + start)));
  }
  append(table, ByteView(name_bytes_));
  return table;
}

}  // namespace cim::format
