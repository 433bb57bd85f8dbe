// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "image/record_parts.h"

#include <cstring>
#include <string_view>

#include <fmt/format.h>

#include "cimlib/error.h"

#include "base/endian.h"

namespace cim {
namespace {

constexpr std::size_t kMaxSizedObject = 65535;    // its length is stored in 16 bits
constexpr std::size_t kMaxReparseBuffer = 16384;  // MAXIMUM_REPARSE_DATA_BUFFER_SIZE of Windows
constexpr std::size_t kReparseHeaderSize = 8;

void check_object(ByteView object, std::size_t limit, const ImagePath& path,
                  std::string_view what) {
  if (object.size() > limit) {
    throw Error(ErrorCode::kLimit, path.to_string(),
                fmt::format("{} of {} bytes; at most {} can be", what, object.size(), limit));
  }
}

void note_alternate(Tree& tree, const Stored& stored) {
  const auto streams = tree.changed_streams().find(stored.whose.file);
  const std::size_t index = stored.whose.alternate;
  if (streams != tree.changed_streams().end() && index < streams->second.size()) {
    streams->second[index].stream = stored.stream;
  }  // else the file has been removed meanwhile
}

}  // namespace

void check_objects(const ImagePath& path, const FileMetadata& metadata) {
  check_object(metadata.security_descriptor, kMaxSizedObject, path, "a security descriptor");
  if (const ByteView eas = metadata.extended_attributes; eas.size() > kMaxSizedObject) {
    throw Error(ErrorCode::kLimit, path.to_string(),
                fmt::format("{} bytes of extended attributes; at most {} can be", eas.size(),
                            kMaxSizedObject));
  }
  if (const ByteView reparse = metadata.reparse_data; !reparse.empty()) {
    if (reparse.size() < kReparseHeaderSize) {
      throw Error(ErrorCode::kInvalidArgument, path.to_string(),
                  fmt::format("a reparse buffer of {} bytes has no header", reparse.size()));
    }
    check_object(reparse, kMaxReparseBuffer, path, "reparse data");
  }
}

format::FileRecord record_of(const FileMetadata& metadata) {
  format::FileRecord record;
  record.flags = format::flags_of_attributes(metadata.attributes);
  record.times = metadata.times;
  record.ea_length = static_cast<std::uint16_t>(metadata.extended_attributes.size());
  if ((metadata.attributes & attribute::kDirectory) != 0) {
    record.stream.type = format::StreamType::kLinkTable;
  }
  if (const ByteView reparse = metadata.reparse_data; !reparse.empty()) {
    Le32 tag;
    std::memcpy(&tag, reparse.data(), sizeof tag);
    record.reparse_tag = tag;
  }
  return record;
}

void note(Tree& tree, const Stored& stored) {
  switch (stored.whose.part) {
    case RecordPart::kSecurityDescriptor:
      tree.change(stored.whose.file).security_descriptor = stored.object;
      break;
    case RecordPart::kExtendedAttributes:
      tree.change(stored.whose.file).extended_attributes = stored.object;
      break;
    case RecordPart::kReparseData:
      tree.change(stored.whose.file).reparse_data = stored.object;
      break;
    case RecordPart::kData:
      tree.change(stored.whose.file).stream = stored.stream;
      break;
    case RecordPart::kAlternateStream:
      note_alternate(tree, stored);
      break;
  }
}

}  // namespace cim
