// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
// Damages of the filesystem object, of file tables and records, and of what records refer to.

#include "format/file_record.h"
#include "format/filesystem.h"
#include "format/pe_image.h"
#include "hex.h"
#include "image/damage.h"

namespace cim::test {
namespace {

using format::DiskFileRecord;
using format::DiskFilesystem;
using format::DiskFileTable;
using format::DiskPeImage;
using format::DiskPeMapping;

constexpr std::uint64_t kRegion1 = std::uint64_t{1} << 48;
constexpr std::uint64_t kRegion9 = 9 * kRegion1;

const std::string kMetadata = Specimen::region(0);

constexpr std::size_t kStream = offsetof(DiskFileRecord, stream);
constexpr std::size_t kStreamLength = kStream + offsetof(format::DiskStream, length_and_type);
constexpr std::size_t kDescriptor = offsetof(DiskFileRecord, security_descriptor);
constexpr std::size_t kAttributes = offsetof(DiskFileRecord, extended_attributes);
constexpr std::size_t kReparse = offsetof(DiskFileRecord, reparse_data);
constexpr std::size_t kStreams = offsetof(DiskFileRecord, streams);

constexpr std::string_view kSmallFile = "\\Files\\small.txt";
constexpr std::string_view kPageFile = "\\Files\\page.bin";
constexpr std::string_view kProgram = "\\Files\\program.exe";
constexpr std::string_view kAttributed = "\\Files\\eas";
constexpr std::string_view kLink = "\\Files\\symlink";

void set_record64(Specimen& s, std::string_view path, std::size_t field, std::uint64_t value) {
  s.set(kMetadata, s.record(path) + field, Le64(value));
}

std::uint64_t record64(Specimen& s, std::string_view path, std::size_t field) {
  return s.get<Le64>(kMetadata, s.record(path) + field);
}

std::size_t pe(Specimen& s) {
  return s.led_to(kProgram, kStream);
}
std::size_t pe_mapping(Specimen& s, unsigned index) {
  return pe(s) + sizeof(DiskPeImage) + index * sizeof(DiskPeMapping);
}

// Lists the same file table twice, in a new directory of file tables.
void repeat_file_table(Specimen& s) {
  const auto entry = s.get<DiskFileTable>(kMetadata, s.file_tables());
  Bytes directory;
  append(directory, entry);
  append(directory, entry);
  const std::size_t offset = s.append(directory);
  s.set(kMetadata, s.filesystem() + offsetof(DiskFilesystem, file_tables), Le64(offset));
  s.set(kMetadata, s.filesystem() + offsetof(DiskFilesystem, file_table_count), Le32(2U));
}

const Damage kDamages[] = {
    // The filesystem object and what it refers to
    {"UpcaseTableAbsent", [](Specimen& s) { s.set(kMetadata, s.filesystem(), Le64(0U)); },
     "offset-absent", "the upcase table has no offset"},
    {"UpcaseTableElsewhere", [](Specimen& s) { s.set(kMetadata, s.filesystem(), Le64(40U)); },
     "upcase-broken", "the upper case of U+"},
    {"UpcaseOfALetter",
     [](Specimen& s) { s.set(kMetadata, s.upcase_table() + 2 * 'a', Le16(std::uint16_t{'B'})); },
     "upcase-broken", "the upper case of U+0061 is U+0042"},
    {"UpcaseOfAnotherLetter",
     [](Specimen& s) { s.set(kMetadata, s.upcase_table() + 2 * 0xE9, Le16(std::uint16_t{0xE9})); },
     "upcase-other", "differs from that of Windows volumes"},
    {"FileTablesAbsent", [](Specimen& s) { s.set(kMetadata, s.filesystem() + 8, Le64(0U)); },
     "offset-absent", "the directory of file tables has no offset"},
    {"FileTablesNone", [](Specimen& s) { s.set(kMetadata, s.filesystem() + 16, Le32(0U)); },
     "file-tables-count", "0 file tables"},
    {"FileTablesTooMany",
     [](Specimen& s) { s.set(kMetadata, s.filesystem() + 16, Le32(0xFFFFFFFFU)); },
     "file-tables-count", "4294967295 file tables"},
    {"FileTablesPastTheEnd", [](Specimen& s) { s.set(kMetadata, s.filesystem() + 16, Le32(100U)); },
     "offset-outside", "the directory of file tables of 1600 bytes"},
    {"RootZero", [](Specimen& s) { s.set(kMetadata, s.filesystem() + 20, Le32(0U)); }, "root",
     "the root, file 0, is missing"},
    {"RootPastTheEnd", [](Specimen& s) { s.set(kMetadata, s.filesystem() + 20, Le32(99U)); },
     "root", "the root, file 99, is missing"},
    {"RootIsAFile",
     [](Specimen& s) { s.set(kMetadata, s.filesystem() + 20, Le32(s.id(kPageFile))); }, "root",
     "is not a directory"},
    // File tables
    {"FileTableAbsent", [](Specimen& s) { s.set(kMetadata, s.file_tables(), Le64(0U)); },
     "offset-absent", "file table 0 has no offset"},
    {"FileTableTooLong",
     [](Specimen& s) { s.set(kMetadata, s.file_tables() + 8, Le16(std::uint16_t{1025})); },
     "file-table-count", "file table 0 has 1025 files; the limit is 1024"},
    {"FileTablePastTheEnd",
     [](Specimen& s) { s.set(kMetadata, s.file_tables() + 8, Le16(std::uint16_t{1024})); },
     "offset-outside", "file table 0 of 98304 bytes"},
    {"FileTableTooShort", [](Specimen& s) { s.set8(kMetadata, s.file_tables() + 8, 10); },
     "id-dangling", "refers to file 11, which does not exist"},
    {"RecordSizeZero",
     [](Specimen& s) { s.set(kMetadata, s.file_tables() + 10, Le16(std::uint16_t{0})); },
     "record-size", "file table 0 has records of 0 bytes"},
    {"RecordSizeOdd",
     [](Specimen& s) { s.set(kMetadata, s.file_tables() + 10, Le16(std::uint16_t{95})); },
     "record-size-odd", "file table 0 has records of 95 bytes"},
    {"FileTableReserved", [](Specimen& s) { s.set8(kMetadata, s.file_tables() + 12, 1); },
     "reserved", "a reserved field is not zero"},
    {"FileTableTwice", repeat_file_table, "file-table-overlap",
     "file table 1 overlaps another file table"},
    // Records
    {"RecordFlags", [](Specimen& s) { s.set8(kMetadata, s.record(kPageFile) + 1, 1); },
     "record-flags", "\\Files\\page.bin: unknown flags 0x100"},
    {"RecordReserved",
     [](Specimen& s) {
       s.set8(kMetadata, s.record(kPageFile) + offsetof(DiskFileRecord, reserved), 1);
     },
     "reserved", "\\Files\\page.bin: a reserved field is not zero"},
    {"RecordMerged",
     [](Specimen& s) {
       s.set8(kMetadata, s.record(kPageFile) + offsetof(DiskFileRecord, base_region), 1);
     },
     "record-merged", "\\Files\\page.bin: the record has a base region"},
    {"EveryRecordMerged",
     [](Specimen& s) {
       for (unsigned i = 0; i < 11; ++i) {
         s.set8(kMetadata,
                s.record("\\") + i * sizeof(DiskFileRecord) + offsetof(DiskFileRecord, base_region),
                1);
       }
     },
     "", "merged images are not supported"},
    {"ParentOther",
     [](Specimen& s) {
       s.set(kMetadata, s.record(kPageFile) + offsetof(DiskFileRecord, parent), Le32(1U));
     },
     "parent", "\\Files\\page.bin: its parent is file 1, which has no name for it"},
    {"ParentZero",
     [](Specimen& s) {
       s.set(kMetadata, s.record(kSmallFile) + offsetof(DiskFileRecord, parent), Le32(0U));
     },
     "parent", "its parent is file 0"},
    {"ParentOfTheRoot",
     [](Specimen& s) {
       s.set(kMetadata, s.record("\\") + offsetof(DiskFileRecord, parent), Le32(2U));
     },
     "parent", ": \\: its parent is file 2"},
    // Descriptors
    {"DescriptorAbsent", [](Specimen& s) { set_record64(s, kPageFile, kDescriptor, 0); },
     "descriptor-missing", "\\Files\\page.bin: there is no security descriptor"},
    {"DescriptorElsewhere",
     [](Specimen& s) { set_record64(s, kPageFile, kDescriptor, kRegion9 + 64); }, "offset-region",
     "\\Files\\page.bin: the security descriptor is in region 9"},
    {"DescriptorRevision",
     [](Specimen& s) { s.set8(kMetadata, s.led_to(kPageFile, kDescriptor) + 2, 7); },
     "descriptor-broken", "the security descriptor: "},
    {"DescriptorTooShort",
     [](Specimen& s) { s.set8(kMetadata, s.led_to(kPageFile, kDescriptor), 19); },
     "descriptor-broken", "the security descriptor: "},
    {"DescriptorPastTheEnd",
     [](Specimen& s) {
       set_record64(s, kPageFile, kDescriptor, s.append(from_hex("f0ff 0000 0000 0000")));
     },
     "offset-outside", "\\Files\\page.bin: the security descriptor of 65522 bytes"},
    // Extended attributes
    {"AttributesWithoutSize", [](Specimen& s) { s.set8(kMetadata, s.record(kAttributed) + 2, 0); },
     "attributes-mismatch", "\\Files\\eas: extended attributes of 0 bytes have an offset"},
    {"AttributesWithoutPlace", [](Specimen& s) { set_record64(s, kAttributed, kAttributes, 0); },
     "attributes-mismatch", "\\Files\\eas: 16 bytes of extended attributes have no offset"},
    {"AttributesCut", [](Specimen& s) { s.set8(kMetadata, s.record(kAttributed) + 2, 11); },
     "attributes-broken", "\\Files\\eas: extended attributes: "},
    {"AttributesContent",
     [](Specimen& s) { s.set8(kMetadata, s.led_to(kAttributed, kAttributes), 1); },
     "attributes-broken", "\\Files\\eas: extended attributes: "},
    {"AttributesAmongData",
     [](Specimen& s) { set_record64(s, kAttributed, kAttributes, kRegion1 + 4096); },
     "metadata-region", "the list of extended attributes is in region 1, which is for data"},
    // Reparse data
    {"ReparseTagZero", [](Specimen& s) { s.set(kMetadata, s.record(kLink) + 4, Le32(0U)); },
     "reparse-mismatch", "\\Files\\symlink: there is reparse data, but no tag"},
    {"ReparseAbsent", [](Specimen& s) { set_record64(s, kLink, kReparse, 0); }, "reparse-mismatch",
     "\\Files\\symlink: there is reparse tag 0xa000000c, but no data"},
    {"ReparseTagOther", [](Specimen& s) { s.set8(kMetadata, s.record(kLink) + 4, 3); },
     "reparse-tag", "the record has reparse tag 0xa0000003, but the data has 0xa000000c"},
    {"ReparseLength", [](Specimen& s) { s.set8(kMetadata, s.led_to(kLink, kReparse) + 2 + 4, 99); },
     "reparse-broken", "\\Files\\symlink: the reparse data: "},
    {"ReparseName", [](Specimen& s) { s.set8(kMetadata, s.led_to(kLink, kReparse) + 2 + 8, 99); },
     "reparse-broken", "\\Files\\symlink: the reparse data: "},
    // Streams
    {"StreamTypeUnknown", [](Specimen& s) { s.set8(kMetadata, s.record(kPageFile) + 54, 9); },
     "stream-type", "\\Files\\page.bin: a stream of type 9, expected data"},
    {"StreamUnusedBits", [](Specimen& s) { s.set8(kMetadata, s.record(kPageFile) + 55, 2); },
     "reserved", "\\Files\\page.bin: a reserved field is not zero"},
    {"StreamSparse", [](Specimen& s) { s.set8(kMetadata, s.record(kPageFile) + 55, 1); },
     "stream-sparse", "\\Files\\page.bin: a sparse stream has an offset"},
    {"DirectorySparse", [](Specimen& s) { s.set8(kMetadata, s.record("\\Files") + 55, 1); },
     "stream-type", "\\Files: a directory cannot be sparse"},
    {"EmptyFileAbsent", [](Specimen& s) { set_record64(s, "\\Files\\nothing", kStream, 0); },
     "empty-stream", "\\Files\\nothing: an empty stream has an invalid offset"},
    {"EmptyDirectoryElsewhere", [](Specimen& s) { set_record64(s, "\\Files\\empty", kStream, 48); },
     "empty-directory", "\\Files\\empty: an empty directory has an offset"},
    {"DataAbsent", [](Specimen& s) { set_record64(s, kPageFile, kStream, 0); }, "offset-absent",
     "\\Files\\page.bin: the data has no offset"},
    {"DataInAHeader", [](Specimen& s) { set_record64(s, kPageFile, kStream, kRegion1 + 39); },
     "offset-header", "\\Files\\page.bin: the data is at byte 39 of region 1"},
    {"DataPastTheEnd",
     [](Specimen& s) { s.set8(kMetadata, s.record(kPageFile) + kStreamLength + 5, 1); },
     "offset-outside", "\\Files\\page.bin: the data of 1099511632776 bytes"},
    {"DataUnaligned",
     [](Specimen& s) { set_record64(s, kPageFile, kStream, record64(s, kPageFile, kStream) + 8); },
     "data-alignment", "\\Files\\page.bin: data at byte"},
    {"DataSmallAmongPages",
     [](Specimen& s) { set_record64(s, kSmallFile, kStream, kRegion1 + 4096); }, "data-region",
     "\\Files\\link.txt: 5 bytes of data are in region 1, which has type 1, expected 2"},
    {"DataAmongMetadata",
     [](Specimen& s) { set_record64(s, kPageFile, kStream, s.upcase_table()); }, "data-region",
     "\\Files\\page.bin: 5000 bytes of data are in region 0, which has type 0, expected 1"},
    // Tables of streams
    {"StreamsElsewhere", [](Specimen& s) { set_record64(s, kSmallFile, kStreams, kRegion9 + 64); },
     "offset-region", "the table of streams is in region 9"},
    {"StreamsLength",
     [](Specimen& s) { s.set(kMetadata, s.led_to(kSmallFile, kStreams), Le32(0xFFFFFFU)); },
     "table-length", "the table of streams extends past its region"},
    {"StreamsCount", [](Specimen& s) { s.set8(kMetadata, s.led_to(kSmallFile, kStreams) + 4, 9); },
     "table-count", "9 names do not fit into a table of"},
    {"StreamsUnaligned",
     [](Specimen& s) {
       set_record64(s, kSmallFile, kStreams, record64(s, kSmallFile, kStreams) - 4);
     },
     "table-alignment", "the table of streams is at byte"},
    {"StreamsCounted",
     [](Specimen& s) {
       const std::size_t table = s.led_to(kSmallFile, kStreams);
       const std::uint32_t length = s.get<Le32>(kMetadata, table);
       Bytes counted = from_hex("02000000");
       append(counted, ByteView(s.file(kMetadata)).subspan(table, length));
       set_record64(s, kSmallFile, kStreams, s.append(counted));
     },
     "table-counted", "the table of streams starts with a count"},
    {"StreamIsADirectory",
     [](Specimen& s) { s.set8(kMetadata, s.led_to(kSmallFile, kStreams) + 8 + 14, 1); },
     "stream-type", "\\Files\\link.txt:big: a stream of type 1"},
    {"StreamDataPastTheEnd",
     [](Specimen& s) { s.set8(kMetadata, s.led_to(kSmallFile, kStreams) + 8 + 16 + 12, 1); },
     "offset-outside", "\\Files\\link.txt:Zone.Identifier: the data of"},
    // Expanded executables
    {"PeAbsent", [](Specimen& s) { set_record64(s, kProgram, kStream, 0); }, "offset-absent",
     "the descriptor of the executable has no offset"},
    {"PeLength", [](Specimen& s) { s.set8(kMetadata, pe(s) + 8, 1); }, "pe-length",
     "\\Files\\program.exe: an executable of 6401 bytes in a file of 6400"},
    {"PeFlags", [](Specimen& s) { s.set8(kMetadata, pe(s) + 22, 0); }, "pe-flags",
     "\\Files\\program.exe: flags 0x0"},
    {"PeMappingsTooMany",
     [](Specimen& s) { s.set(kMetadata, pe(s) + 20, Le16(std::uint16_t{0xFFFF})); },
     "offset-outside", "the descriptor of the executable of"},
    {"PeOrder", [](Specimen& s) { s.set(kMetadata, pe_mapping(s, 1), Le32(0U)); }, "pe-order",
     "the mapping from byte 0 follows the one from byte 1024"},
    {"PeEnd", [](Specimen& s) { s.set(kMetadata, pe_mapping(s, 2), Le32(6400U)); }, "pe-end",
     "a mapping from byte 6400 in a file of 6400 bytes"},
    {"PeOutside", [](Specimen& s) { s.set(kMetadata, pe_mapping(s, 2) + 4, Le32(0x7FFFF000U)); },
     "pe-outside", "but the region has only"},
    {"PeOverlap",
     [](Specimen& s) { s.set(kMetadata, pe_mapping(s, 1) + 4, Le32(0x2000U - 0x1600U)); },
     "pe-overlap", "the parts from byte 1024 and from byte 5632 overlap"},
    {"PeDelta", [](Specimen& s) { s.set8(kMetadata, pe_mapping(s, 1) + 4, 1); }, "pe-alignment",
     "the part from byte 5632 starts at byte"},
    {"PeImageLengthOdd", [](Specimen& s) { s.set8(kMetadata, pe(s) + 16, 1); }, "pe-image-length",
     "16385 bytes in memory, which is not a multiple of the page size"},
    {"PeImageLength", [](Specimen& s) { s.set(kMetadata, pe(s) + 16, Le32(0x3000U)); },
     "pe-image-length", "12288 bytes in memory, but the headers state 16384", CheckDepth::kDeep},
    {"PeLayout",
     [](Specimen& s) { s.set(kMetadata, pe_mapping(s, 1) + 4, Le32(0x5000U - 0x1600U)); },
     "pe-layout", "the section from byte 5632 is at byte 20480 in memory", CheckDepth::kDeep},
    {"PeDataElsewhere", [](Specimen& s) { s.set(kMetadata, pe(s), Le64(kRegion1 + 4096)); },
     "pe-layout", "the file is stored as an executable but is not one", CheckDepth::kDeep},
    {"PeDataUnaligned",
     [](Specimen& s) {
       const std::uint64_t data = s.get<Le64>(kMetadata, pe(s));
       s.set(kMetadata, pe(s), Le64(data - 8));
     },
     "data-alignment", "\\Files\\program.exe: data at byte"},
};

}  // namespace

std::span<const Damage> metadata_damages() {
  return kDamages;
}

}  // namespace cim::test
