// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
// Damages of headers and of whole files.

#include "image/damage.h"
#include "image/read/region_files.h"
#include "image/sample_image.h"

namespace cim::test {
namespace {

const std::string kMetadata = Specimen::region(0);
const std::string kPages = Specimen::region(1);
const std::string kSmall = Specimen::region(2);
const std::string kMetadataIds = Specimen::object_ids(0);
const std::string kPageIds = Specimen::object_ids(1);

constexpr std::uint64_t kAnyRegion = std::uint64_t{1} << 48;

const Damage kDamages[] = {
    // The filesystem file
    {"Magic", [](Specimen& s) { s.set8(kSampleName, 3, 'F'); }, "", "not a CIM file"},
    {"HeaderTooShort", [](Specimen& s) { s.set8(kSampleName, 8, 71); }, "header-length",
     "sample.cim: at byte 8: a header of 71 bytes, expected 72"},
    {"HeaderTooLong", [](Specimen& s) { s.set8(kSampleName, 8, 80); }, "header-long",
     "at byte 8: a header of 80 bytes"},
    {"FileType", [](Specimen& s) { s.set8(kSampleName, 12, 1); }, "header-type",
     "at byte 12: file type 1 (region), expected 0 (filesystem)"},
    {"FirstReserved", [](Specimen& s) { s.set8(kSampleName, 14, 1); }, "reserved",
     "sample.cim: at byte 13"},
    {"MajorVersion", [](Specimen& s) { s.set8(kSampleName, 16, 9); }, "",
     "format version 9.0; versions 1 to 3 are supported"},
    {"MinorVersion", [](Specimen& s) { s.set8(kSampleName, 20, 7); }, "header-minor-version",
     "at byte 20: unknown format version 2.7"},
    {"SecondReserved", [](Specimen& s) { s.set8(kSampleName, 31, 1); }, "reserved",
     "sample.cim: at byte 24"},
    {"OwnGuid", [](Specimen& s) { s.set8(kSampleName, 40, 0x77); }, "region-missing",
     "No such file"},
    {"RegionCountTooSmall", [](Specimen& s) { s.set8(kSampleName, 48, 2); }, "region-extra",
     "the header states 2 regions for its region set"},
    {"RegionCountTooLarge", [](Specimen& s) { s.set8(kSampleName, 48, 4); }, "region-missing",
     "_3: "},
    {"RegionCountZero", [](Specimen& s) { s.set8(kSampleName, 48, 0); }, "region-count",
     "0 regions in total"},
    {"RegionSetReserved", [](Specimen& s) { s.set8(kSampleName, 50, 1); }, "reserved",
     "sample.cim: at byte 50"},
    {"RegionSetReservedToo", [](Specimen& s) { s.set8(kSampleName, 55, 1); }, "reserved",
     "sample.cim: at byte 52"},
    {"FilesystemAbsent", [](Specimen& s) { s.set(kSampleName, 56, Le64(0U)); }, "offset-absent",
     "sample.cim: at byte 56: the filesystem object has no offset"},
    {"FilesystemInNoRegion", [](Specimen& s) { s.set(kSampleName, 56, Le64(7 * kAnyRegion + 64)); },
     "offset-region", "the filesystem object is in region 7, but there are only 3"},
    {"FilesystemInAHeader", [](Specimen& s) { s.set(kSampleName, 56, Le64(8U)); }, "offset-header",
     "the filesystem object is at byte 8 of region 0"},
    {"FilesystemPastTheEnd",
     [](Specimen& s) { s.set(kSampleName, 56, Le64(s.file(kMetadata).size() - 16)); },
     "offset-outside", "the filesystem object of 24 bytes"},
    {"FilesystemUnaligned", [](Specimen& s) { s.set(kSampleName, 56, Le64(s.filesystem() - 4)); },
     "metadata-alignment", "the filesystem object is at byte"},
    {"ThirdReserved", [](Specimen& s) { s.set8(kSampleName, 64, 1); }, "reserved",
     "sample.cim: at byte 64"},
    {"FourthReserved", [](Specimen& s) { s.set8(kSampleName, 69, 1); }, "reserved",
     "sample.cim: at byte 68"},
    {"ParentsMissing", [](Specimen& s) { s.set8(kSampleName, 70, 2); }, "header-truncated",
     "at byte 70: the region sets of 2 ancestors need 120 bytes, but the file has only 72"},
    {"FilesystemFileCut", [](Specimen& s) { s.file(kSampleName).resize(60); }, "header-truncated",
     "sample.cim: at byte 60: the file ends here"},
    {"FilesystemFileLonger", [](Specimen& s) { s.file(kSampleName).resize(75); }, "trailing-bytes",
     "sample.cim: at byte 72: 3 bytes follow the header"},
    // A fork's
    {"ParentGuid", [](Specimen& s) { s.set8(kForkName, 80, 0x77); }, "region-missing", "region_",
     CheckDepth::kStructure, kForkName},
    {"ParentWithoutRegions", [](Specimen& s) { s.set8(kForkName, 72 + 16, 0); }, "region-set-empty",
     "fork.cim: at byte 88", CheckDepth::kStructure, kForkName},
    {"ParentIsItself",
     [](Specimen& s) { std::copy_n(&s.file(kForkName)[32], 16, &s.file(kForkName)[72]); },
     "region-set-twice", "is listed twice", CheckDepth::kStructure, kForkName},
    {"ParentReserved", [](Specimen& s) { s.set8(kForkName, 72 + 19, 1); }, "reserved",
     "fork.cim: at byte 90", CheckDepth::kStructure, kForkName},
    {"ParentCountZero", [](Specimen& s) { s.set8(kForkName, 70, 0); }, "trailing-bytes",
     "24 bytes follow the header", CheckDepth::kStructure, kForkName},
    // Region files
    {"RegionMagic", [](Specimen& s) { s.set8(kPages, 0, 'C'); }, "header-magic",
     "_1: at byte 0: the file does not start with"},
    {"RegionHeaderTooShort", [](Specimen& s) { s.set8(kPages, 8, 32); }, "header-length",
     "a header of 32 bytes, expected 40"},
    {"RegionFileType", [](Specimen& s) { s.set8(kSmall, 12, 2); }, "header-type",
     "file type 2 (object id), expected 1 (region)"},
    {"RegionReserved", [](Specimen& s) { s.set8(kSmall, 15, 2); }, "reserved", "_2: at byte 13"},
    {"RegionMajorVersion", [](Specimen& s) { s.set8(kSmall, 16, 4); }, "header-version",
     "_2: at byte 16: unsupported format version 4.0"},
    {"RegionMinorVersion", [](Specimen& s) { s.set8(kSmall, 23, 4); }, "header-minor-version",
     "_2: at byte 20"},
    {"RegionReservedToo", [](Specimen& s) { s.set8(kSmall, 24, 2); }, "reserved", "_2: at byte 24"},
    {"RegionIndex", [](Specimen& s) { s.set8(kPages, 32, 2); }, "region-index",
     "_1: at byte 32: the header states region 2, but the file name 1"},
    {"RegionTypeUnknown", [](Specimen& s) { s.set8(kPages, 34, 3); }, "region-type",
     "_1: at byte 34: unknown region type 3"},
    {"RegionTypeOther", [](Specimen& s) { s.set8(kPages, 34, 0); }, "data-region",
     "are in region 1, which has type 0, expected 1"},
    {"RegionTypeOfMetadata", [](Specimen& s) { s.set8(kMetadata, 34, 2); }, "metadata-region",
     "the filesystem object is in region 0, which is for data"},
    {"RegionPad", [](Specimen& s) { s.set8(kPages, 35, 1); }, "reserved", "_1: at byte 35"},
    {"RegionLastReserved", [](Specimen& s) { s.set8(kPages, 39, 1); }, "reserved",
     "_1: at byte 36"},
    {"RegionMissing", [](Specimen& s) { s.remove(kSmall); }, "region-missing", "_2: "},
    {"RegionCutInItsHeader", [](Specimen& s) { s.file(kSmall).resize(39); }, "header-truncated",
     "_2: at byte 39"},
    {"RegionEmpty", [](Specimen& s) { s.file(kSmall).clear(); }, "header-truncated",
     "_2: at byte 0"},
    {"RegionCut", [](Specimen& s) { s.file(kPages).resize(8192); }, "offset-outside",
     "extends past the region's 8192 bytes"},
    {"RegionCutWithinAPage", [](Specimen& s) { s.file(kPages).pop_back(); }, "region-size",
     "which is not a multiple of the page size"},
    {"RegionLonger",
     [](Specimen& s) { s.file(kMetadata).resize(s.file(kMetadata).size() + 9, std::byte{1}); },
     "stray-bytes", "are not zero and belong to no object", CheckDepth::kDeep},
    {"RegionTooMany", [](Specimen& s) { s.add(Specimen::region(3), s.file(kPages)); },
     "region-extra", "_3: the header states 3 regions"},
    // Object id files
    {"ObjectIdsMissing", [](Specimen& s) { s.remove(kPageIds); }, "object-ids-missing",
     "_1: missing, while others of its region set exist"},
    {"ObjectIdsAllMissing",
     [](Specimen& s) {
       s.remove(Specimen::object_ids(0));
       s.remove(Specimen::object_ids(1));
       s.remove(Specimen::object_ids(2));
     },
     "object-ids-absent", "none of the 3 object id files exists"},
    {"ObjectIdsMagic", [](Specimen& s) { s.set8(kPageIds, 7, '1'); }, "header-magic", "objectid_"},
    {"ObjectIdsFileType", [](Specimen& s) { s.set8(kPageIds, 12, 0); }, "header-type",
     "file type 0 (filesystem), expected 2 (object id)"},
    {"ObjectIdsHeaderTooShort", [](Specimen& s) { s.set8(kPageIds, 8, 40); }, "header-length",
     "a header of 40 bytes, expected 48"},
    {"ObjectIdsVersion", [](Specimen& s) { s.set8(kPageIds, 16, 0); }, "header-version",
     "format version 0.0"},
    {"ObjectIdsIndex", [](Specimen& s) { s.set8(kPageIds, 32, 0); }, "object-ids-index",
     "_1: at byte 32: the header states region 0, but the file name 1"},
    {"ObjectIdsType", [](Specimen& s) { s.set8(kPageIds, 34, 2); }, "object-ids-type",
     "_1: at byte 34: type 2, but the region has type 1"},
    {"ObjectIdsPad", [](Specimen& s) { s.set8(kPageIds, 35, 2); }, "reserved", "_1: at byte 35"},
    {"ObjectIdsReserved", [](Specimen& s) { s.set8(kPageIds, 38, 2); }, "reserved",
     "_1: at byte 36"},
    {"ObjectIdsTableInTheHeader", [](Specimen& s) { s.set8(kPageIds, 40, 8); }, "object-ids-table",
     "object ids at byte 8 are outside the file of"},
    {"ObjectIdsTablePastTheEnd", [](Specimen& s) { s.set8(kPageIds, 41, 1); }, "object-ids-table",
     "object ids at byte 304"},
    {"ObjectIdsCountTooLarge", [](Specimen& s) { s.set8(kPageIds, 44, 9); }, "object-ids-table",
     "9 object ids at byte 48"},
    {"ObjectIdsCountTooSmall", [](Specimen& s) { s.set8(kPageIds, 44, 1); }, "trailing-bytes",
     "bytes follow the object ids"},
    {"BackReferencesCut", [](Specimen& s) { s.file(kMetadataIds).pop_back(); }, "trailing-bytes",
     "bytes follow the object ids"},
    {"BackReferencesMagic",
     [](Specimen& s) { *(s.file(kMetadataIds).rbegin() + 15) = std::byte{'C'}; }, "trailing-bytes",
     "16 bytes follow the object ids"},
    {"ObjectIdsCut", [](Specimen& s) { s.file(kPageIds).pop_back(); }, "object-ids-table",
     "are outside the file of"},
    {"ObjectIdsCutInTheHeader", [](Specimen& s) { s.file(kPageIds).resize(47); },
     "header-truncated", "_1: at byte 47"},
};

}  // namespace

std::span<const Damage> header_damages() {
  return kDamages;
}

}  // namespace cim::test
