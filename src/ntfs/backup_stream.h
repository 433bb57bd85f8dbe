// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// Win32 backup streams: the form in which BackupRead() returns a file of NTFS and BackupWrite()
// takes one. A backup stream is a sequence of records without padding between them, one for each
// stream of the file, its security descriptor and so on. A record is a header (WIN32_STREAM_ID), a
// name that only alternate streams need, and the record's bytes.
//
//   BackupReader reader("\\Files\\a.txt");
//   while (const auto event = reader.next(input)) {
//     if (event->kind == BackupEvent::Kind::kHeader) ... reader.header() ...
//   }

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "cimlib/byte_streams.h"
#include "cimlib/error.h"

#include "base/bytes.h"
#include "base/endian.h"

namespace cim {

/// Kinds of records.
enum class BackupId : std::uint32_t {
  kData = 1,                ///< the default stream
  kExtendedAttributes = 2,  ///< a FILE_FULL_EA_INFORMATION list
  kSecurityDescriptor = 3,  ///< self-relative
  kAlternateData = 4,       ///< an alternate stream
  kLink = 5,                ///< other names of the file
  kPropertyData = 6,        ///< properties of an OLE file
  kObjectId = 7,            ///< the id that link tracking uses
  kReparseData = 8,         ///< a reparse buffer with its header
  kSparseBlock = 9,         ///< a range of the sparse stream before it
  kTransactionalNtfs = 10,  ///< the file's state in a transaction
};

/// Attributes of records.
namespace backup_attribute {
inline constexpr std::uint32_t kModifiedWhenRead = 1;
inline constexpr std::uint32_t kContainsSecurity = 2;
inline constexpr std::uint32_t kContainsProperties = 4;
/// The bytes of a kData or kAlternateData record are the start of the stream; the others follow in
/// kSparseBlock records, and the ranges that none of them has are zeros.
inline constexpr std::uint32_t kSparse = 8;
}  // namespace backup_attribute

/// Maximum size in bytes of a name. Names of streams in NTFS have at most 255 UTF-16 units, to
/// which two colons and the name of a type are added.
inline constexpr std::size_t kMaxBackupNameSize = 1024;
/// The limit of Windows for offsets in a file, and so for the size of a record.
inline constexpr std::uint64_t kMaxBackupOffset = 0x7FFF'FFFF'FFFF'FFFF;

struct DiskBackupHeader {
  Le32 id;          // 0
  Le32 attributes;  // 4
  Le64 size;        // 8: bytes after the name
  Le32 name_size;   // 16: in bytes
};
static_assert(sizeof(DiskBackupHeader) == 20 && offsetof(DiskBackupHeader, name_size) == 16);

/// A record without its bytes.
struct BackupHeader {
  BackupId id = BackupId::kData;
  std::uint32_t attributes = 0;  ///< backup_attribute::k…
  /// Bytes that follow; for kSparseBlock, those after the offset. A kSparseBlock without bytes is
  /// the last one, and its offset is the length of the stream.
  std::uint64_t size = 0;
  std::u16string name{};     ///< kAlternateData only: without the leading `:` and `:$DATA`
  std::uint64_t offset = 0;  ///< kSparseBlock only: position in the stream

  bool operator==(const BackupHeader&) const = default;

  bool is_sparse() const noexcept { return (attributes & backup_attribute::kSparse) != 0; }
};

struct BackupEvent {
  enum class Kind {
    kHeader,  ///< a record begins; BackupReader::header() describes it
    kBytes,   ///< some of its bytes, at least one
    kEnd,     ///< all of its bytes have been returned
  };

  Kind kind = Kind::kHeader;
  ByteView bytes{};  ///< for kBytes: a part of the input
};

/// Decodes a backup stream that arrives in pieces of any size. Holds no more than a header and a
/// name in memory, whatever sizes the headers claim.
class BackupReader {
 public:
  /// `subject` names the file in errors.
  explicit BackupReader(std::string subject) : subject_(std::move(subject)) {}

  /// Takes bytes from the front of `input` until something can be reported; returns nullopt once
  /// `input` is empty and more bytes are needed. Throws, with the offset in the backup stream,
  /// kCorrupt for sizes and offsets of more than 63 bits, names that are too long or not those of
  /// a data stream, a second record of a kind that a file has once, and sparse blocks that do not
  /// follow a sparse stream or are past its length; kUnsupported for unknown kinds, attributes and
  /// types of streams. Cannot be used after it has thrown.
  std::optional<BackupEvent> next(ByteView& input);

  /// Throws kCorrupt if the bytes so far end within a record.
  void finish() const;

  /// Returns the current record, which begins at header_offset() in the backup stream.
  const BackupHeader& header() const noexcept { return header_; }
  std::uint64_t header_offset() const noexcept { return header_offset_; }
  /// Returns the offset of the record's first byte after the name and the offset of a sparse block.
  std::uint64_t body_offset() const noexcept { return body_offset_; }
  /// Returns the length of the current sparse stream as far as it is known: the end of the last of
  /// its ranges, or what its last block says.
  std::uint64_t sparse_length() const noexcept { return sparse_length_; }

  /// Throws an error about the current record.
  [[noreturn]] void fail(ErrorCode code, std::string reason) const;

 private:
  // The next thing in the input.
  enum class Part { kHeader, kName, kOffset, kBody };
  // Says if a sparse block may come next.
  enum class Sparse { kNone, kOpen, kEnded };

  bool collect(ByteView& input, std::size_t size);
  void decode_header();
  void check_id(std::uint32_t id, std::uint32_t attributes);
  void decode_name();
  void decode_offset();
  void check_sparse_block();
  BackupEvent begin_body();

  std::string subject_;
  Part part_ = Part::kHeader;
  Bytes collected_;
  std::size_t name_size_ = 0;
  std::uint64_t position_ = 0;
  std::uint64_t header_offset_ = 0;
  std::uint64_t body_offset_ = 0;
  std::uint64_t left_ = 0;  // of the body
  BackupHeader header_;
  std::uint32_t seen_ = 0;  // a bit for each kind
  Sparse sparse_ = Sparse::kNone;
  std::uint64_t sparse_length_ = 0;
};

/// Encodes a backup stream.
class BackupWriter {
 public:
  explicit BackupWriter(ByteSink sink) : sink_(std::move(sink)) {}

  /// Begins a record, whose bytes must follow. Throws kInvalidArgument if bytes of the one before
  /// are missing, for sizes and offsets of more than 63 bits, and for a name that is empty, too
  /// long, or not that of an alternate stream.
  void start(const BackupHeader& header);

  /// Writes bytes of the record. Throws kInvalidArgument for more than its size.
  void write(ByteView bytes);

  /// Throws kInvalidArgument if bytes of the last record are missing.
  void finish() const;

 private:
  ByteSink sink_;
  std::uint64_t left_ = 0;
};

}  // namespace cim
