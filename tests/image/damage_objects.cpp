// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
// Damages of data and of object ids, which leave the structure intact: most need a deep check.

#include "format/disk_header.h"
#include "format/file_record.h"
#include "format/header.h"
#include "image/damage.h"

namespace cim::test {
namespace {

using format::kObjectIdEntrySize;

const std::string kMetadata = Specimen::region(0);
const std::string kPages = Specimen::region(1);
const std::string kSmall = Specimen::region(2);
const std::string kMetadataIds = Specimen::object_ids(0);
const std::string kPageIds = Specimen::object_ids(1);
const std::string kSmallIds = Specimen::object_ids(2);

constexpr std::size_t kLength = 0;
constexpr std::size_t kDigest = 8;
constexpr std::size_t kOffset = 32;

std::size_t entry(unsigned index, std::size_t field = 0) {
  return format::kObjectIdHeaderSize + index * kObjectIdEntrySize + field;
}

void copy_entry(Specimen& s, std::string_view file, unsigned from, unsigned to) {
  std::copy_n(&s.file(file)[entry(from)], kObjectIdEntrySize, &s.file(file)[entry(to)]);
}

void change_kinds(Specimen& s, std::string_view file) {
  const std::uint32_t count = s.get<Le32>(file, offsetof(format::DiskObjectIdHeader, count));
  for (unsigned i = 0; i < count; ++i) {
    s.file(file).at(entry(i, kDigest) + 23) ^= std::byte{1};
  }
}

const Damage kDamages[] = {
    {"DataFlipped", [](Specimen& s) { s.file(kPages).at(4096 + 77) ^= std::byte{1}; },
     "object-digest", "_1: at byte 4096: \\Files\\page.bin: the 5000 bytes of this object",
     CheckDepth::kDeep},
    {"LastByteFlipped", [](Specimen& s) { s.file(kPages).at(4096 + 4999) ^= std::byte{0x80}; },
     "object-digest", "_1: at byte 4096", CheckDepth::kDeep},
    {"SmallDataFlipped", [](Specimen& s) { s.file(kSmall).at(40) ^= std::byte{1}; },
     "object-digest", "_2: at byte 40: \\Files\\link.txt", CheckDepth::kDeep},
    {"TimeOfADescriptorObject",
     [](Specimen& s) {
       const std::size_t offset =
           s.led_to("\\", offsetof(format::DiskFileRecord, security_descriptor));
       s.set8(kMetadata, offset + 5, 0x90);
     },
     "object-digest", "_0: at byte", CheckDepth::kDeep},
    {"PaddingOfPages", [](Specimen& s) { s.set8(kPages, 100, 1); }, "stray-bytes",
     "_1: at byte 100: the bytes from 40 to 4096 are not zero and belong to no object",
     CheckDepth::kDeep},
    {"PaddingOfSmallData", [](Specimen& s) { s.set8(kSmall, 47, 1); }, "stray-bytes",
     "_2: at byte 47", CheckDepth::kDeep},
    {"StreamShorter",
     [](Specimen& s) { s.set8(kMetadata, s.record("\\Files\\page.bin") + 48, 0x80); },
     "object-size", "are the same object", CheckDepth::kDeep},
    {"StreamLonger", [](Specimen& s) { s.set8(kMetadata, s.record("\\Files\\small.txt") + 48, 6); },
     "object-size", "an object listed by its id of 5 bytes", CheckDepth::kDeep},
    {"StreamsOverlap",
     [](Specimen& s) {
       s.set(kMetadata, s.record("\\Files\\again.bin") + 40, Le64(std::uint64_t{1} << 48 | 8192));
     },
     "object-overlap", "overlap", CheckDepth::kDeep},
    {"StreamOverAnother",
     [](Specimen& s) {
       s.set(kMetadata, s.record("\\Files\\eas") + 40, Le64(std::uint64_t{2} << 48 | 40));
     },
     "object-size", "are the same object", CheckDepth::kDeep},
    {"StreamGone",
     [](Specimen& s) {
       s.set(kMetadata, s.record("\\Files\\eas") + 40,
             format::encode(format::Stream{{}, 1, format::StreamType::kData, true}));
     },
     "objects-orphaned", "1 objects (1 bytes) are unused", CheckDepth::kDeep},
    {"RegionUnused",
     [](Specimen& s) {
       const auto zeros = format::encode(format::Stream{{}, 5000, format::StreamType::kData, true});
       for (const std::string_view path :
            {"\\Files\\page.bin", "\\Files\\again.bin", "\\Files\\program.exe"}) {
         s.set(kMetadata, s.record(path) + 40, zeros);
       }
       // "big" is the first of its streams
       s.set(kMetadata, s.led_to("\\Files\\small.txt", 80) + 8, zeros);
     },
     "region-unused", "_1: nothing in the image uses this region", CheckDepth::kDeep},
    {"ObjectIdsLength", [](Specimen& s) { s.set8(kPageIds, entry(1, kLength), 0x89); },
     "object-size", "are the same object", CheckDepth::kDeep},
    {"ObjectIdsLengthZero", [](Specimen& s) { s.set(kSmallIds, entry(0, kLength), Le64(0U)); },
     "object-ids-place", "an object of 0 bytes"},
    {"ObjectIdsLengthHuge", [](Specimen& s) { s.set8(kPageIds, entry(2, kLength + 7), 1); },
     "object-ids-place", "is outside the region of"},
    {"ObjectIdsDigest",
     [](Specimen& s) { s.file(kPageIds)[entry(1, kDigest + 9)] ^= std::byte{4}; }, "object-digest",
     "do not match its digest", CheckDepth::kDeep},
    {"ObjectIdsOffset", [](Specimen& s) { s.set8(kPageIds, entry(1, kOffset + 1), 0x20); },
     "object-digest", "do not match its digest", CheckDepth::kDeep},
    {"ObjectIdsOffsetZero", [](Specimen& s) { s.set(kPageIds, entry(1, kOffset), Le64(0U)); },
     "object-ids-place", "at byte 0 is outside the region"},
    {"ObjectIdsOffsetHuge", [](Specimen& s) { s.set8(kPageIds, entry(1, kOffset + 7), 1); },
     "object-ids-place", "is outside the region of"},
    {"ObjectIdsUnaligned", [](Specimen& s) { s.set8(kPageIds, entry(1, kOffset), 8); },
     "object-ids-alignment", "which is not a multiple of 4096"},
    {"ObjectIdsOrder",
     [](Specimen& s) {
       const Bytes before = s.file(kPageIds);
       copy_entry(s, kPageIds, 1, 0);
       std::copy_n(&before[entry(0)], kObjectIdEntrySize, &s.file(kPageIds)[entry(1)]);
     },
     "object-ids-order", "_1: at byte 88: entry 1 is out of order"},
    {"ObjectIdsTwice", [](Specimen& s) { copy_entry(s, kPageIds, 0, 1); }, "object-ids-twice",
     "_1: at byte 88: entry 1 is the same as the one before"},
    {"ObjectIdsOneLess",
     [](Specimen& s) {
       Bytes& ids = s.file(kPageIds);
       ids.resize(ids.size() - kObjectIdEntrySize);
       s.set8(kPageIds, 44, 2);
     },
     "object-without-id", "1 data objects", CheckDepth::kDeep},
    {"ObjectIdsGone",
     [](Specimen& s) {
       for (const std::string_view ids : {kMetadataIds, kPageIds, kSmallIds}) {
         s.remove(ids);
       }
     },
     "objects-unverified", "have no object ids to verify them with", CheckDepth::kDeep},
    {"ObjectIdsOfDataGone", [](Specimen& s) { s.remove(kPageIds); }, "objects-unverified",
     "data objects", CheckDepth::kDeep},
    {"ObjectIdsOfAnotherWriter",
     [](Specimen& s) {
       change_kinds(s, kMetadataIds);
       change_kinds(s, kPageIds);
       change_kinds(s, kSmallIds);
     },
     "object-digest-other", "object ids of an unknown kind: 10 objects", CheckDepth::kDeep},
    {"ObjectIdOfAnotherWriter",
     [](Specimen& s) { s.file(kPageIds).at(entry(0, kDigest) + 16) ^= std::byte{1}; },
     "object-digest-other", "object ids of an unknown kind: 1 objects (4096 bytes)",
     CheckDepth::kDeep},
};

}  // namespace

std::span<const Damage> object_damages() {
  return kDamages;
}

}  // namespace cim::test
