// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "format/file_record.h"

#include <algorithm>
#include <array>
#include <span>

#include <fmt/format.h>

#include "cimlib/attributes.h"

namespace cim::format {
namespace {

struct FlagMeaning {
  std::uint16_t flag;
  std::uint32_t attribute;
};
constexpr std::array<FlagMeaning, 5> kFlagMeanings = {{
    {kFlagReadOnly, attribute::kReadOnly},
    {kFlagHidden, attribute::kHidden},
    {kFlagSystem, attribute::kSystem},
    {kFlagArchive, attribute::kArchive},
    {kFlagSparse, attribute::kSparseFile},
}};

}  // namespace

Bytes encode(const FileRecord& record) {
  DiskFileRecord disk{};
  disk.flags = record.flags;
  disk.ea_length = record.ea_length;
  disk.reparse_tag = record.reparse_tag;
  disk.creation = record.times.creation.ticks;
  disk.last_write = record.times.last_write.ticks;
  disk.change = record.times.change.ticks;
  disk.last_access = record.times.last_access.ticks;
  disk.stream = encode(record.stream);
  disk.security_descriptor = record.security_descriptor.raw();
  disk.extended_attributes = record.extended_attributes.raw();
  disk.reparse_data = record.reparse_data.raw();
  disk.streams = record.streams.raw();
  disk.parent = record.parent;
  disk.base_region = record.base_region;
  Bytes bytes;
  append(bytes, disk);
  return bytes;
}

DiskFileRecord load_file_record(ByteView bytes) {
  DiskFileRecord disk{};
  std::ranges::copy(bytes.first(std::min(bytes.size(), sizeof disk)),
                    std::as_writable_bytes(std::span(&disk, 1)).begin());
  return disk;
}

FileRecord decode(const DiskFileRecord& disk) {
  FileRecord record;
  record.flags = disk.flags;
  record.ea_length = disk.ea_length;
  record.reparse_tag = disk.reparse_tag;
  record.times = {{disk.creation}, {disk.last_write}, {disk.change}, {disk.last_access}};
  record.stream = decode(disk.stream);
  record.security_descriptor = RegionOffset(disk.security_descriptor);
  record.extended_attributes = RegionOffset(disk.extended_attributes);
  record.reparse_data = RegionOffset(disk.reparse_data);
  record.streams = RegionOffset(disk.streams);
  record.parent = disk.parent;
  record.base_region = disk.base_region;
  return record;
}

void check_unused(const DiskFileRecord& record, FindingSink& sink) {
  constexpr std::uint16_t kKnownFlags =
      kFlagReadOnly | kFlagHidden | kFlagSystem | kFlagArchive | kFlagSparse;
  check_reserved(record.reserved, offsetof(DiskFileRecord, reserved), sink);
  if ((record.flags & ~kKnownFlags) != 0) {
    sink.add(Kind::kRecordFlags, offsetof(DiskFileRecord, flags),
             fmt::format("unknown flags {:#x}", std::uint16_t{record.flags}));
  }
}

std::uint16_t flags_of_attributes(std::uint32_t attributes) noexcept {
  std::uint16_t flags = 0;
  for (const FlagMeaning& meaning : kFlagMeanings) {
    if ((attributes & meaning.attribute) != 0) {
      flags = static_cast<std::uint16_t>(flags | meaning.flag);
    }
  }
  return flags;
}

std::uint32_t attributes_of_flags(std::uint16_t flags) noexcept {
  std::uint32_t attributes = 0;
  for (const FlagMeaning& meaning : kFlagMeanings) {
    if ((flags & meaning.flag) != 0) {
      attributes |= meaning.attribute;
    }
  }
  return attributes;
}

}  // namespace cim::format
