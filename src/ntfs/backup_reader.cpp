// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include <algorithm>
#include <cstring>
#include <utility>

#include <fmt/format.h>

#include "cimlib/image_path.h"

#include "base/checked_math.h"
#include "base/printable.h"
#include "base/upcase.h"
#include "base/utf16.h"
#include "ntfs/backup_stream.h"

namespace cim {
namespace {

constexpr std::uint32_t kLastId = static_cast<std::uint32_t>(BackupId::kTransactionalNtfs);
constexpr std::uint32_t kKnownAttributes =
    backup_attribute::kModifiedWhenRead | backup_attribute::kContainsSecurity |
    backup_attribute::kContainsProperties | backup_attribute::kSparse;

// A file has one of each of these; a second one would have to replace or extend the first.
bool occurs_once(BackupId id) {
  return id == BackupId::kData || id == BackupId::kExtendedAttributes ||
         id == BackupId::kSecurityDescriptor || id == BackupId::kReparseData;
}

// Records that are skipped may have a name of any kind.
bool cannot_have_name(BackupId id) {
  return occurs_once(id) || id == BackupId::kSparseBlock;
}

bool may_be_sparse(BackupId id) {
  return id == BackupId::kData || id == BackupId::kAlternateData;
}

template <DiskStruct T>
T decoded(ByteView bytes) {
  T value;
  std::memcpy(&value, bytes.data(), sizeof value);
  return value;
}

}  // namespace

std::optional<BackupEvent> BackupReader::next(ByteView& input) {
  for (;;) {
    switch (part_) {
      case Part::kHeader:
        if (!collect(input, sizeof(DiskBackupHeader))) {
          return std::nullopt;
        }
        decode_header();
        part_ = Part::kName;
        break;
      case Part::kName:
        if (!collect(input, name_size_)) {
          return std::nullopt;
        }
        decode_name();
        if (header_.id != BackupId::kSparseBlock) {
          return begin_body();
        }
        part_ = Part::kOffset;
        break;
      case Part::kOffset:
        if (!collect(input, sizeof(Le64))) {
          return std::nullopt;
        }
        decode_offset();
        return begin_body();
      case Part::kBody: {
        if (left_ == 0) {
          part_ = Part::kHeader;
          return BackupEvent{BackupEvent::Kind::kEnd};
        }
        if (input.empty()) {
          return std::nullopt;
        }
        const auto size = static_cast<std::size_t>(std::min<std::uint64_t>(left_, input.size()));
        const ByteView bytes = input.first(size);
        input = input.subspan(size);
        left_ -= size;
        position_ += size;
        return BackupEvent{BackupEvent::Kind::kBytes, bytes};
      }
    }
  }
}

void BackupReader::finish() const {
  if (part_ == Part::kHeader && collected_.empty()) {
    return;
  }
  throw Error(ErrorCode::kCorrupt, subject_,
              part_ == Part::kBody
                  ? fmt::format("the backup stream ends {} bytes before the end of a record", left_)
                  : std::string("the backup stream ends within the header of a record"),
              position_);
}

void BackupReader::fail(ErrorCode code, std::string reason) const {
  throw Error(code, subject_, std::move(reason), header_offset_);
}

// Returns true once `size` bytes are in collected_; the caller clears it.
bool BackupReader::collect(ByteView& input, std::size_t size) {
  const std::size_t taken = std::min(size - collected_.size(), input.size());
  append(collected_, input.first(taken));
  input = input.subspan(taken);
  position_ += taken;
  return collected_.size() == size;
}

void BackupReader::decode_header() {
  const auto header = decoded<DiskBackupHeader>(collected_);
  collected_.clear();
  header_offset_ = position_ - sizeof header;
  check_id(header.id, header.attributes);
  header_ = {.id = static_cast<BackupId>(std::uint32_t{header.id}),
             .attributes = header.attributes,
             .size = header.size};
  if (header_.size > kMaxBackupOffset) {
    fail(ErrorCode::kCorrupt, "the size of a record exceeds 63 bits");
  }
  if (header.name_size > kMaxBackupNameSize || header.name_size % 2 != 0) {
    fail(ErrorCode::kCorrupt,
         fmt::format("a name of {} bytes; a name has an even number of at most {}",
                     std::uint32_t{header.name_size}, kMaxBackupNameSize));
  }
  name_size_ = header.name_size;
  const bool needs_name = header_.id == BackupId::kAlternateData;
  if (needs_name ? name_size_ == 0 : name_size_ != 0 && cannot_have_name(header_.id)) {
    fail(ErrorCode::kCorrupt, needs_name ? "an alternate stream without a name"
                                         : "a name in a record that cannot have one");
  }
  if (header_.id == BackupId::kSparseBlock) {
    check_sparse_block();
  } else {
    const bool is_sparse = may_be_sparse(header_.id) && header_.is_sparse();
    sparse_ = is_sparse ? Sparse::kOpen : Sparse::kNone;
    sparse_length_ = is_sparse ? header_.size : 0;
  }
}

void BackupReader::check_id(std::uint32_t id, std::uint32_t attributes) {
  if (id == 0) {
    fail(ErrorCode::kCorrupt, "a record of the kind 0, which is not valid");
  }
  if (id > kLastId) {
    fail(ErrorCode::kUnsupported, fmt::format("a record of the unknown kind {}", id));
  }
  if ((attributes & ~kKnownAttributes) != 0) {
    fail(ErrorCode::kUnsupported,
         fmt::format("a record with the unknown attributes {:#x}", attributes & ~kKnownAttributes));
  }
  const std::uint32_t bit = std::uint32_t{1} << id;
  if ((seen_ & bit) != 0 && occurs_once(static_cast<BackupId>(id))) {
    fail(ErrorCode::kCorrupt, fmt::format("a second record of the kind {}", id));
  }
  seen_ |= bit;
}

void BackupReader::check_sparse_block() {
  if (sparse_ != Sparse::kOpen) {
    fail(ErrorCode::kCorrupt, sparse_ == Sparse::kEnded
                                  ? "a sparse block after the one that ends the stream"
                                  : "a sparse block that does not follow a sparse stream");
  }
  if (header_.size < sizeof(Le64)) {
    fail(ErrorCode::kCorrupt, "a sparse block without an offset");
  }
  header_.size -= sizeof(Le64);
}

// The names of other kinds have no meaning for us.
void BackupReader::decode_name() {
  const std::u16string name = utf16_from_le(collected_);
  collected_.clear();
  if (header_.id != BackupId::kAlternateData) {
    return;
  }
  const std::size_t end = name.find(u':', 1);
  if (name[0] != u':' || end == 1 || name.size() == 1) {
    fail(ErrorCode::kCorrupt, fmt::format("the name \"{}\" is not that of an alternate stream",
                                          printable(to_wtf8(name))));
  }
  if (end != std::u16string::npos && !equal_ignoring_case(name.substr(end), u":$DATA")) {
    fail(ErrorCode::kUnsupported,
         fmt::format("\"{}\" is not a stream of the type $DATA", printable(to_wtf8(name))));
  }
  header_.name = name.substr(1, end == std::u16string::npos ? end : end - 1);
  if (header_.name.size() > kMaxNameUnits) {
    fail(ErrorCode::kCorrupt, fmt::format("a name of {} UTF-16 units; the limit is {}",
                                          header_.name.size(), kMaxNameUnits));
  }
}

// The last block has no bytes and says how long the stream is.
void BackupReader::decode_offset() {
  header_.offset = decoded<Le64>(collected_);
  collected_.clear();
  const auto end = checked_add(header_.offset, header_.size);
  if (!end || *end > kMaxBackupOffset) {
    fail(ErrorCode::kCorrupt, "a sparse block ends past 63 bits");
  }
  if (header_.size > 0) {
    sparse_length_ = std::max(sparse_length_, *end);
    return;
  }
  if (*end < sparse_length_) {
    fail(ErrorCode::kCorrupt, fmt::format("the stream has {} bytes, but a sparse block ends at {}",
                                          *end, sparse_length_));
  }
  sparse_length_ = *end;
  sparse_ = Sparse::kEnded;
}

BackupEvent BackupReader::begin_body() {
  part_ = Part::kBody;
  body_offset_ = position_;
  left_ = header_.size;
  return {BackupEvent::Kind::kHeader};
}

}  // namespace cim
