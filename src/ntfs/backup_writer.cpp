// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include <utility>

#include <fmt/format.h>

#include "cimlib/image_path.h"

#include "base/checked_math.h"
#include "base/utf16.h"
#include "ntfs/backup_stream.h"

namespace cim {
namespace {

[[noreturn]] void refuse(std::string reason) {
  throw Error(ErrorCode::kInvalidArgument, "backup stream", std::move(reason));
}

Bytes encoded_name(const BackupHeader& header) {
  const bool is_stream = header.id == BackupId::kAlternateData;
  if (is_stream == header.name.empty() || header.name.find(u':') != std::u16string::npos) {
    refuse(is_stream ? "an alternate stream needs a name without colons"
                     : "only an alternate stream has a name");
  }
  if (header.name.size() > kMaxNameUnits) {
    refuse(fmt::format("a name of {} UTF-16 units; the limit is {}", header.name.size(),
                       kMaxNameUnits));
  }
  Bytes name;
  if (is_stream) {
    append_utf16_le(name, u":" + header.name + u":$DATA");
  }
  return name;
}

}  // namespace

void BackupWriter::start(const BackupHeader& header) {
  finish();
  const bool is_block = header.id == BackupId::kSparseBlock;
  const auto size = checked_add(header.size, is_block ? sizeof(Le64) : 0);
  const auto end = checked_add(header.offset, header.size);
  if (!size || *size > kMaxBackupOffset || !end || *end > kMaxBackupOffset) {
    refuse("a record that exceeds 63 bits");
  }
  const Bytes name = encoded_name(header);
  Bytes bytes;
  append(bytes, DiskBackupHeader{.id = static_cast<std::uint32_t>(header.id),
                                 .attributes = header.attributes,
                                 .size = *size,
                                 .name_size = static_cast<std::uint32_t>(name.size())});
  append(bytes, ByteView(name));
  if (is_block) {
    append(bytes, Le64(header.offset));
  }
  left_ = header.size;
  sink_(bytes);
}

void BackupWriter::write(ByteView bytes) {
  if (bytes.size() > left_) {
    refuse(
        fmt::format("{} bytes are too many; only {} are left of the record", bytes.size(), left_));
  }
  left_ -= bytes.size();
  if (!bytes.empty()) {
    sink_(bytes);
  }
}

void BackupWriter::finish() const {
  if (left_ != 0) {
    refuse(fmt::format("{} bytes of a record are missing", left_));
  }
}

}  // namespace cim
