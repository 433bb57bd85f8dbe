// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "format/link_table.h"

#include <algorithm>
#include <compare>
#include <cstring>
#include <utility>

#include <fmt/format.h>

#include "cimlib/error.h"

#include "base/checked_math.h"
#include "base/endian.h"
#include "base/utf16.h"

namespace cim::format {
namespace {

constexpr std::size_t kMaxNameUnits = 255;

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

// The reader returns only names that can exist, since callers use them as names on other systems.
bool is_possible_name(ByteView name) {
  const std::size_t units = name.size() / 2;
  for (std::size_t i = 0; i < units; ++i) {
    const char16_t c = unit(name, i);
    if (c == u'\\' || c == u'/' || c == u':' || c == u'\0') {
      return false;
    }
  }
  const bool is_dots = units <= 2 && unit(name, 0) == u'.' && unit(name, units - 1) == u'.';
  return !is_dots;
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

LinkTable::LinkTable(Bytes bytes, Values values, std::string_view source, std::uint64_t offset)
    : bytes_(std::move(bytes)), values_(values) {
  ByteReader reader(bytes_, source, offset);
  const auto header = reader.read<DiskLinkTableHeader>("the header of a link table");
  if (header.length < kLinkTableHeaderSize || header.length > bytes_.size()) {
    reader.fail(fmt::format("a link table of {} bytes; it must have {} to {}",
                            std::uint32_t{header.length}, kLinkTableHeaderSize, bytes_.size()));
  }
  bytes_.resize(header.length);
  const std::size_t entry_size = static_cast<std::uint32_t>(values_) + sizeof(Le32);
  if (header.count > (bytes_.size() - kLinkTableHeaderSize) / entry_size) {
    reader.fail(fmt::format("{} names do not fit into a link table of {} bytes",
                            std::uint32_t{header.count}, bytes_.size()));
  }
  count_ = header.count;
  // Names never share bytes, so a table cannot expand to more than its own size.
  std::uint64_t names_left = bytes_.size() - kLinkTableHeaderSize - count_ * entry_size;
  for (std::uint32_t i = 0; i < count_; ++i) {
    const std::uint64_t name_size = check_entry(i, source, offset);
    if (name_size > names_left) {
      reader.fail("the names of a link table overlap");
    }
    names_left -= name_size;
  }
}

std::uint32_t LinkTable::total_length(ByteView header, std::string_view source,
                                      std::uint64_t offset) {
  ByteReader reader(header, source, offset);
  return reader.read<DiskLinkTableHeader>("the header of a link table").length;
}

std::size_t LinkTable::check_entry(std::uint32_t index, std::string_view source,
                                   std::uint64_t offset) const {
  ByteReader reader(bytes_, source, offset);
  reader.seek(name_offset(index), "a name of a link table");
  const std::size_t units = reader.read<Le16>("the length of a name");
  if (units == 0 || units > kMaxNameUnits) {
    reader.fail(
        fmt::format("a name of {} UTF-16 units; it must have 1 to {}", units, kMaxNameUnits));
  }
  const ByteView name = reader.take(2 * units, "a name");
  if (!is_possible_name(name)) {
    reader.fail(fmt::format("\"{}\" is not a valid name", to_wtf8(utf16_from_le(name))));
  }
  return sizeof(Le16) + name.size();
}

ByteView LinkTable::value(std::uint32_t index) const {
  const std::size_t size = static_cast<std::uint32_t>(values_);
  return ByteView(bytes_).subspan(kLinkTableHeaderSize + index * size, size);
}

std::size_t LinkTable::name_offset(std::uint32_t index) const {
  const std::size_t values_size = std::size_t{count_} * static_cast<std::uint32_t>(values_);
  return load<Le32>(bytes_, kLinkTableHeaderSize + values_size + std::size_t{4} * index);
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
  return load<Le32>(value(index), 0);
}

Stream LinkTable::stream(std::uint32_t index) const {
  return decode(load<DiskStream>(value(index), 0));
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

bool LinkTable::is_in_order(std::uint32_t index, const UpcaseTable& upcase) const {
  const ByteView next = name_bytes(index + 1);
  return compare(
             name_bytes(index), next.size() / 2, [next](std::size_t i) { return unit(next, i); },
             upcase) < 0;
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
