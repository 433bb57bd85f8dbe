// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "image/write/record_writer.h"

#include <array>
#include <cstring>
#include <string_view>

#include <fmt/format.h>

#include "cimlib/error.h"

#include "base/bytes.h"
#include "base/endian.h"

namespace cim {
namespace {

constexpr std::size_t kMaxSizedObject = 65535;    // its length is stored in 16 bits
constexpr std::size_t kMaxReparseBuffer = 16384;  // MAXIMUM_REPARSE_DATA_BUFFER_SIZE of Windows
constexpr std::size_t kReparseHeaderSize = 8;

// No owner, no group and no access control: what layer writers store if the caller gives no
// descriptor, because Windows takes a file without any for damaged.
constexpr std::array<std::byte, 20> kNoAccessControl = {std::byte{0x01}, std::byte{0x00},
                                                        std::byte{0x04}, std::byte{0x80}};

format::RegionOffset add_sized(ObjectStore& store, ByteView object, std::size_t limit,
                               const ImagePath& path, std::string_view what) {
  if (object.size() > limit) {
    throw Error(ErrorCode::kLimit, path.to_string(),
                fmt::format("{} of {} bytes; the limit is {}", what, object.size(), limit));
  }
  Bytes sized;
  append(sized, Le16(static_cast<std::uint16_t>(object.size())));
  append(sized, object);
  return store.add(RegionType::kMetadata, sized);
}

}  // namespace

format::FileRecord write_record(ObjectStore& store, const ImagePath& path,
                                const FileMetadata& metadata) {
  format::FileRecord record;
  record.flags = format::flags_of_attributes(metadata.attributes);
  record.times = metadata.times;
  if ((metadata.attributes & attribute::kDirectory) != 0) {
    record.stream.type = format::StreamType::kLinkTable;
  }
  record.security_descriptor =
      add_sized(store,
                metadata.security_descriptor.empty() ? ByteView(kNoAccessControl)
                                                     : metadata.security_descriptor,
                kMaxSizedObject, path, "a security descriptor");
  if (const ByteView eas = metadata.extended_attributes; !eas.empty()) {
    if (eas.size() > kMaxSizedObject) {
      throw Error(ErrorCode::kLimit, path.to_string(),
                  fmt::format("{} bytes of extended attributes; the limit is {}", eas.size(),
                              kMaxSizedObject));
    }
    record.ea_length = static_cast<std::uint16_t>(eas.size());
    record.extended_attributes = store.add(RegionType::kMetadata, eas);
  }
  if (const ByteView reparse = metadata.reparse_data; !reparse.empty()) {
    if (reparse.size() < kReparseHeaderSize) {
      throw Error(ErrorCode::kInvalidArgument, path.to_string(),
                  fmt::format("a reparse buffer of {} bytes has no header", reparse.size()));
    }
    Le32 tag;
    std::memcpy(&tag, reparse.data(), sizeof tag);
    record.reparse_tag = tag;
    record.reparse_data = add_sized(store, reparse, kMaxReparseBuffer, path, "reparse data");
  }
  return record;
}

}  // namespace cim
