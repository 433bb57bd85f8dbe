// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
// The digests that cover an archive as it was before its signature was added. AXPC is over the
// bytes of all entries before that of the signature, AXCD over the archive's directory and its end
// records, with the counts, sizes and offsets that they had without the signature. The numbers of
// disks in the last record count as zero.
#include <algorithm>
#include <cstring>
#include <optional>

#include "cimlib/error.h"

#include "appx/digest.h"
#include "appx/package_parts.h"
#include "appx/signature.h"
#include "base/checked_math.h"
#include "base/endian.h"

namespace cim::appx {
namespace {

// The records of the ZIP format (APPNOTE 4.3).
struct DirectoryRecord {
  Le32 signature;
  std::array<std::byte, 16> versions_to_crc;
  Le32 packed_size;
  Le32 size;
  Le16 name_size;
  Le16 extra_size;
  Le16 comment_size;
  std::array<std::byte, 8> disk_to_attributes;
  Le32 offset;
};
static_assert(sizeof(DirectoryRecord) == 46);

struct EndRecord {
  Le32 signature;
  Le16 disk;
  Le16 directory_disk;
  Le16 disk_entries;
  Le16 entries;
  Le32 directory_size;
  Le32 directory_offset;
  Le16 comment_size;
};
static_assert(sizeof(EndRecord) == 22);

struct EndRecord64 {
  Le32 signature;
  Le64 record_size;
  std::array<std::byte, 12> versions_and_disks;
  Le64 disk_entries;
  Le64 entries;
  Le64 directory_size;
  Le64 directory_offset;
};
static_assert(sizeof(EndRecord64) == 56);

struct Locator64 {
  Le32 signature;
  Le32 disk;
  Le64 end_offset;
  Le32 disks;
};
static_assert(sizeof(Locator64) == 20);

constexpr std::uint32_t kDirectorySignature = 0x02014B50;
constexpr std::uint32_t kEndSignature = 0x06054B50;
constexpr std::uint32_t kEnd64Signature = 0x06064B50;
constexpr std::uint32_t kLocatorSignature = 0x07064B50;
constexpr std::uint16_t kIn64 = 0xFFFF;
constexpr std::uint32_t kIn64Long = 0xFFFFFFFF;
constexpr std::uint64_t kMaxDirectory = std::uint64_t{256} << 20;

// The archive has a form that signed packages do not have.
struct Unusual {
  std::string reason;
};

template <DiskStruct T>
T read_record(const RandomAccess& archive, std::uint64_t offset, std::uint32_t signature) {
  if (!fits_within(offset, sizeof(T), archive.size())) {
    throw Unusual{"its end records are damaged"};
  }
  T record;
  archive.read_at(offset, std::as_writable_bytes(std::span(&record, 1)));
  if (record.signature != signature) {
    throw Unusual{"its end records are not where a signed package has them"};
  }
  return record;
}

// The end of an archive, with where its directory is.
struct ArchiveEnd {
  EndRecord end;
  std::optional<EndRecord64> end64;
  std::optional<Locator64> locator;
  std::uint64_t directory_offset = 0;
  std::uint64_t directory_size = 0;
};

// Signed packages have no comment, so the end record is at the end.
ArchiveEnd read_end(const RandomAccess& archive) {
  if (archive.size() < sizeof(EndRecord)) {
    throw Unusual{"it is too short"};
  }
  const std::uint64_t end_offset = archive.size() - sizeof(EndRecord);
  ArchiveEnd result = {.end = read_record<EndRecord>(archive, end_offset, kEndSignature),
                       .end64 = {},
                       .locator = {}};
  result.directory_offset = result.end.directory_offset;
  result.directory_size = result.end.directory_size;
  std::uint32_t signature = 0;
  if (end_offset >= sizeof(Locator64)) {
    Le32 stored;
    archive.read_at(end_offset - sizeof(Locator64), std::as_writable_bytes(std::span(&stored, 1)));
    signature = stored;
  }
  if (signature == kLocatorSignature) {
    result.locator =
        read_record<Locator64>(archive, end_offset - sizeof(Locator64), kLocatorSignature);
    result.end64 = read_record<EndRecord64>(archive, result.locator->end_offset, kEnd64Signature);
    result.directory_offset = result.end64->directory_offset;
    result.directory_size = result.end64->directory_size;
  }
  return result;
}

// Returns the 64-bit offset from the extra fields, where sizes that do not fit precede it.
std::uint64_t offset_of(const DirectoryRecord& record, ByteView extra) {
  if (record.offset != kIn64Long) {
    return record.offset;
  }
  const std::size_t before =
      (record.size == kIn64Long ? 8U : 0U) + (record.packed_size == kIn64Long ? 8U : 0U);
  ByteReader reader(extra, "extra fields");
  while (reader.remaining() > 0) {
    const std::uint16_t kind = reader.read<Le16>("kind");
    const std::uint16_t size = reader.read<Le16>("size");
    const ByteView field = reader.take(size, "field");
    if (kind == 1 && field.size() >= before + sizeof(Le64)) {
      ByteReader numbers(field, "extra field", 0);
      numbers.seek(before, "offset");
      return numbers.read<Le64>("offset");
    }
  }
  throw Unusual{"an entry has no offset"};
}

// The directory without the signature, and where the signature's entry is.
struct WithoutSignature {
  Bytes records;
  std::uint64_t entries = 0;
  std::optional<std::uint64_t> signature_offset;
};

WithoutSignature remove_signature(ByteView directory) {
  WithoutSignature result;
  ByteReader reader(directory, "directory");
  while (reader.remaining() > 0) {
    const std::size_t begin = reader.position();
    const auto record = reader.read<DirectoryRecord>("entry");
    if (record.signature != kDirectorySignature) {
      throw Unusual{"its directory is damaged"};
    }
    const ByteView name = reader.take(record.name_size, "name");
    const ByteView extra = reader.take(record.extra_size, "extra fields");
    reader.take(record.comment_size, "comment");
    if (as_text(name) == kSignatureName) {
      result.signature_offset = offset_of(record, extra);
    } else {
      ++result.entries;
      append(result.records, directory.subspan(begin, reader.position() - begin));
    }
  }
  return result;
}

// Replaces a value, unless it only says that the value is in the 64-bit record.
template <typename T, typename Value>
void replace(T& field, Value in64, std::uint64_t value) {
  if (field != in64) {
    field = static_cast<Value>(value);
  }
}

Bytes directory_before_signing(const ArchiveEnd& end, const WithoutSignature& directory) {
  Bytes bytes = directory.records;
  const std::uint64_t offset = *directory.signature_offset;
  const std::uint64_t size = directory.records.size();
  if (end.end64) {
    EndRecord64 end64 = *end.end64;
    end64.disk_entries = directory.entries;
    end64.entries = directory.entries;
    end64.directory_size = size;
    end64.directory_offset = offset;
    Locator64 locator = *end.locator;
    locator.end_offset = offset + size;
    append(bytes, end64);
    append(bytes, locator);
  }
  EndRecord last = end.end;
  last.disk = std::uint16_t{0};
  last.directory_disk = std::uint16_t{0};
  replace(last.disk_entries, kIn64, directory.entries);
  replace(last.entries, kIn64, directory.entries);
  replace(last.directory_size, kIn64Long, size);
  replace(last.directory_offset, kIn64Long, offset);
  append(bytes, last);
  return bytes;
}

Bytes digest_of(ByteView bytes, DigestMethod method) {
  Digest digest(method);
  digest.add(bytes);
  const ByteView value = digest.finish();
  return {value.begin(), value.end()};
}

Bytes digest_of_start(const RandomAccess& archive, std::uint64_t size, DigestMethod method) {
  Digest digest(method);
  Bytes buffer(std::size_t{1} << 18);
  for (std::uint64_t at = 0; at < size;) {
    const auto piece = std::span(buffer).first(
        static_cast<std::size_t>(std::min<std::uint64_t>(buffer.size(), size - at)));
    archive.read_at(at, piece);
    digest.add(piece);
    at += piece.size();
  }
  const ByteView value = digest.finish();
  return {value.begin(), value.end()};
}

void compare(const SignedDigests& digests, const RandomAccess& archive) {
  const ArchiveEnd end = read_end(archive);
  if (end.directory_size > kMaxDirectory ||
      !fits_within(end.directory_offset, end.directory_size, archive.size())) {
    throw Unusual{"its directory is not inside the file"};
  }
  Bytes bytes(static_cast<std::size_t>(end.directory_size));
  archive.read_at(end.directory_offset, bytes);
  const WithoutSignature directory = remove_signature(bytes);
  if (!directory.signature_offset || *directory.signature_offset > end.directory_offset) {
    throw Unusual{"its signature is not an entry before the directory"};
  }
  if (digest_of(directory_before_signing(end, directory), digests.method) != digests.directory) {
    throw Unusual{"its directory is not the one that was signed"};
  }
  if (digest_of_start(archive, *directory.signature_offset, digests.method) != digests.archive) {
    throw Unusual{"its entries are not those that were signed"};
  }
}

}  // namespace

void verify_archive(ParsedSignature& parsed, const RandomAccess& archive) {
  if (!parsed.signature.is_valid) {
    return;
  }
  try {
    compare(parsed.digests, archive);
    parsed.signature.matches_archive = true;
  } catch (const Unusual& unusual) {
    parsed.signature.fault = "the archive is not as it was signed: " + unusual.reason;
  } catch (const Error& error) {
    if (error.code() != ErrorCode::kCorrupt) {
      throw;
    }
    parsed.signature.fault = "the archive is not as it was signed: " + error.reason();
  }
}

}  // namespace cim::appx
