// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "cimlib/extended_attributes.h"

#include <algorithm>
#include <cstring>
#include <string_view>

#include <fmt/format.h>

#include "cimlib/error.h"

#include "base/bytes.h"
#include "base/endian.h"
#include "ntfs/ea_on_volume.h"

namespace cim {
namespace {

constexpr std::string_view kSubject = "extended attributes";
constexpr std::size_t kAlignment = 4;
constexpr std::size_t kMaxNameSize = 255;
constexpr std::size_t kMaxValueSize = 65535;

// FILE_FULL_EA_INFORMATION up to the name; the name, a NUL and the value follow.
struct EntryHeader {
  Le32 next_offset;  // 0: from this entry to the next; 0 in the last
  std::uint8_t flags{};
  std::uint8_t name_size{};  // 5: without the NUL
  Le16 value_size;           // 6
};
static_assert(sizeof(EntryHeader) == 8 && offsetof(EntryHeader, value_size) == 6);

ExtendedAttribute read_entry(ByteReader& reader, const EntryHeader& header) {
  if (header.name_size == 0) {
    reader.fail("an attribute has no name");
  }
  ExtendedAttribute attribute;
  attribute.name = as_text(reader.take(header.name_size, "an attribute's name"));
  if (attribute.name.find('\0') != std::string::npos) {
    reader.fail("an attribute's name contains a NUL");
  }
  if (reader.read<std::uint8_t>("the NUL after a name") != 0) {
    reader.fail("an attribute's name does not end with a NUL");
  }
  const ByteView value = reader.take(header.value_size, "an attribute's value");
  attribute.value.assign(value.begin(), value.end());
  attribute.flags = header.flags;
  return attribute;
}

void check_name(const ExtendedAttribute& attribute) {
  if (attribute.name.empty() || attribute.name.find('\0') != std::string::npos) {
    throw Error(ErrorCode::kInvalidArgument, std::string(kSubject),
                "a name is empty or contains a NUL");
  }
  if (attribute.name.size() > kMaxNameSize || attribute.value.size() > kMaxValueSize) {
    throw Error(
        ErrorCode::kLimit, std::string(kSubject),
        fmt::format("a name of {} bytes (limit {}) with a value of {} bytes (limit {})",
                    attribute.name.size(), kMaxNameSize, attribute.value.size(), kMaxValueSize));
  }
}

std::size_t encoded_size(const ExtendedAttribute& attribute) {
  const std::size_t size = sizeof(EntryHeader) + attribute.name.size() + 1 + attribute.value.size();
  return (size + kAlignment - 1) / kAlignment * kAlignment;
}

enum class NextOffset { kZero, kEnd };

void append_entry(Bytes& list, const ExtendedAttribute& attribute, NextOffset next) {
  const std::size_t size = encoded_size(attribute);
  const std::size_t end = list.size() + size;
  if (end > kMaxExtendedAttributesSize) {
    throw Error(ErrorCode::kLimit, std::string(kSubject),
                fmt::format("at least {} bytes; the limit is {}", end, kMaxExtendedAttributesSize));
  }
  append(list,
         EntryHeader{.next_offset = static_cast<std::uint32_t>(next == NextOffset::kEnd ? size : 0),
                     .flags = attribute.flags,
                     .name_size = static_cast<std::uint8_t>(attribute.name.size()),
                     .value_size = static_cast<std::uint16_t>(attribute.value.size())});
  append(list, as_bytes(attribute.name));
  list.push_back(std::byte{0});
  append(list, ByteView(attribute.value));
  list.resize(end);
}

}  // namespace

std::vector<ExtendedAttribute> parse_extended_attributes(std::span<const std::byte> list) {
  if (list.size() > kMaxExtendedAttributesSize) {
    throw Error(ErrorCode::kLimit, std::string(kSubject),
                fmt::format("{} bytes; the limit is {}", list.size(), kMaxExtendedAttributesSize));
  }
  std::vector<ExtendedAttribute> attributes;
  ByteReader reader(list, kSubject);
  while (reader.remaining() > 0) {
    const std::size_t start = reader.position();
    const auto header = reader.read<EntryHeader>("an attribute");
    attributes.push_back(read_entry(reader, header));
    if (header.next_offset == 0) {
      if (reader.remaining() >= kAlignment) {
        reader.fail(fmt::format("{} bytes follow the last attribute", reader.remaining()));
      }
      break;
    }
    const std::size_t used = reader.position() - start;
    if (header.next_offset % kAlignment != 0 || header.next_offset < used) {
      reader.fail(
          fmt::format("the next attribute starts {} bytes after the start of one of {} bytes",
                      std::uint32_t{header.next_offset}, used));
    }
    reader.take(header.next_offset - used, "the gap before the next attribute");
    if (reader.remaining() == 0) {
      reader.fail("the next attribute is missing");
    }
  }
  return attributes;
}

std::vector<std::byte> encode_extended_attributes(std::span<const ExtendedAttribute> attributes) {
  std::vector<const ExtendedAttribute*> sorted;
  for (const ExtendedAttribute& attribute : attributes) {
    check_name(attribute);
    sorted.push_back(&attribute);
  }
  std::ranges::sort(sorted, {}, &ExtendedAttribute::name);
  const auto twice = std::ranges::adjacent_find(sorted, {}, &ExtendedAttribute::name);
  if (twice != sorted.end()) {
    throw Error(ErrorCode::kInvalidArgument, std::string(kSubject),
                fmt::format("the name \"{}\" occurs twice", (*twice)->name));
  }
  Bytes list;
  for (const ExtendedAttribute* attribute : sorted) {
    append_entry(list, *attribute,
                 attribute == sorted.back() ? NextOffset::kZero : NextOffset::kEnd);
  }
  return list;
}

Bytes ea_list_on_volume(ByteView list) {
  Bytes on_volume;
  for (const ExtendedAttribute& attribute : parse_extended_attributes(list)) {
    append_entry(on_volume, attribute, NextOffset::kEnd);
  }
  return on_volume;
}

Bytes ea_list_of_volume(ByteView list) {
  Bytes converted(list.begin(), list.end());
  std::size_t entry = 0;
  while (converted.size() - entry >= sizeof(EntryHeader)) {
    EntryHeader header;
    std::memcpy(&header, converted.data() + entry, sizeof header);
    const std::size_t left = converted.size() - entry;
    if (header.next_offset == left) {
      header.next_offset = 0;
      std::memcpy(converted.data() + entry, &header, sizeof header);
    }
    if (header.next_offset == 0 || header.next_offset > left) {
      break;
    }
    entry += header.next_offset;
  }
  return converted;
}

}  // namespace cim
