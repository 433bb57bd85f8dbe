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
    {"Magic", [](Specimen& s) { s.set8(kSampleName, 3, 'F'); }, "", "no CIM file"},
    {"HeaderTooShort", [](Specimen& s) { s.set8(kSampleName, 8, 71); }, "header-length",
     "sample.cim: at byte 8: a header of 71 bytes, where 72 are due"},
    {"HeaderTooLong", [](Specimen& s) { s.set8(kSampleName, 8, 80); }, "header-long",
     "at byte 8: a header of 80 bytes"},
    {"FileType", [](Specimen& s) { s.set8(kSampleName, 12, 1); }, "header-type",
     "at byte 12: file type 1 (region), where 0 (filesystem) was due"},
    {"FirstReserved", [](Specimen& s) { s.set8(kSampleName, 14, 1); }, "reserved",
     "sample.cim: at byte 13"},
    {"MajorVersion", [](Specimen& s) { s.set8(kSampleName, 16, 9); }, "",
     "format version 9.0; versions 1 to 3 are understood"},
    {"MinorVersion", [](Specimen& s) { s.set8(kSampleName, 20, 7); }, "header-minor-version",
     "at byte 20: format version 2.7"},
    {"SecondReserved", [](Specimen& s) { s.set8(kSampleName, 31, 1); }, "reserved",
     "sample.cim: at byte 24"},
    {"OwnGuid", [](Specimen& s) { s.set8(kSampleName, 40, 0x77); }, "region-missing",
     "No such file"},
    {"RegionCountTooSmall", [](Specimen& s) { s.set8(kSampleName, 48, 2); }, "region-extra",
     "its region set has 2 regions by the header"},
    {"RegionCountTooLarge", [](Specimen& s) { s.set8(kSampleName, 48, 4); }, "region-missing",
     "_3: "},
    {"RegionCountZero", [](Specimen& s) { s.set8(kSampleName, 48, 0); }, "region-count",
     "0 regions in all"},
    {"RegionSetReserved", [](Specimen& s) { s.set8(kSampleName, 50, 1); }, "reserved",
     "sample.cim: at byte 50"},
    {"RegionSetReservedToo", [](Specimen& s) { s.set8(kSampleName, 55, 1); }, "reserved",
     "sample.cim: at byte 52"},
    {"FilesystemAbsent", [](Specimen& s) { s.set(kSampleName, 56, Le64(0U)); }, "offset-absent",
     "sample.cim: at byte 56: the filesystem object has no place"},
    {"FilesystemInNoRegion", [](Specimen& s) { s.set(kSampleName, 56, Le64(7 * kAnyRegion + 64)); },
     "offset-region", "the filesystem object would lie in region 7, and there are 3"},
    {"FilesystemInAHeader", [](Specimen& s) { s.set(kSampleName, 56, Le64(8U)); }, "offset-header",
     "the filesystem object would lie at byte 8 of region 0"},
    {"FilesystemPastTheEnd",
     [](Specimen& s) { s.set(kSampleName, 56, Le64(s.file(kMetadata).size() - 16)); },
     "offset-outside", "the filesystem object of 24 bytes"},
    {"FilesystemUnaligned", [](Specimen& s) { s.set(kSampleName, 56, Le64(s.filesystem() - 4)); },
     "metadata-alignment", "the filesystem object lies at byte"},
    {"ThirdReserved", [](Specimen& s) { s.set8(kSampleName, 64, 1); }, "reserved",
     "sample.cim: at byte 64"},
    {"FourthReserved", [](Specimen& s) { s.set8(kSampleName, 69, 1); }, "reserved",
     "sample.cim: at byte 68"},
    {"ParentsMissing", [](Specimen& s) { s.set8(kSampleName, 70, 2); }, "header-truncated",
     "at byte 70: 2 ancestors' region sets need 120 bytes, and the file has 72"},
    {"FilesystemFileCut", [](Specimen& s) { s.file(kSampleName).resize(60); }, "header-truncated",
     "sample.cim: at byte 60: the file ends here"},
    {"FilesystemFileLonger", [](Specimen& s) { s.file(kSampleName).resize(75); }, "trailing-bytes",
     "sample.cim: at byte 72: 3 bytes behind the header"},
    // A fork's
    {"ParentGuid", [](Specimen& s) { s.set8(kForkName, 80, 0x77); }, "region-missing", "region_",
     CheckDepth::kStructure, kForkName},
    {"ParentWithoutRegions", [](Specimen& s) { s.set8(kForkName, 72 + 16, 0); }, "region-set-empty",
     "fork.cim: at byte 88", CheckDepth::kStructure, kForkName},
    {"ParentIsItself",
     [](Specimen& s) { std::copy_n(&s.file(kForkName)[32], 16, &s.file(kForkName)[72]); },
     "region-set-twice", "is named twice", CheckDepth::kStructure, kForkName},
    {"ParentReserved", [](Specimen& s) { s.set8(kForkName, 72 + 19, 1); }, "reserved",
     "fork.cim: at byte 90", CheckDepth::kStructure, kForkName},
    {"ParentCountZero", [](Specimen& s) { s.set8(kForkName, 70, 0); }, "trailing-bytes",
     "24 bytes behind the header", CheckDepth::kStructure, kForkName},
    // Region files
    {"RegionMagic", [](Specimen& s) { s.set8(kPages, 0, 'C'); }, "header-magic",
     "_1: at byte 0: the file does not start with"},
    {"RegionHeaderTooShort", [](Specimen& s) { s.set8(kPages, 8, 32); }, "header-length",
     "a header of 32 bytes, where 40 are due"},
    {"RegionFileType", [](Specimen& s) { s.set8(kSmall, 12, 2); }, "header-type",
     "file type 2 (object id), where 1 (region) was due"},
    {"RegionReserved", [](Specimen& s) { s.set8(kSmall, 15, 2); }, "reserved", "_2: at byte 13"},
    {"RegionMajorVersion", [](Specimen& s) { s.set8(kSmall, 16, 4); }, "header-version",
     "_2: at byte 16: format version 4.0"},
    {"RegionMinorVersion", [](Specimen& s) { s.set8(kSmall, 23, 4); }, "header-minor-version",
     "_2: at byte 20"},
    {"RegionReservedToo", [](Specimen& s) { s.set8(kSmall, 24, 2); }, "reserved", "_2: at byte 24"},
    {"RegionIndex", [](Specimen& s) { s.set8(kPages, 32, 2); }, "region-index",
     "_1: at byte 32: the header says region 2, and the name 1"},
    {"RegionTypeUnknown", [](Specimen& s) { s.set8(kPages, 34, 3); }, "region-type",
     "_1: at byte 34: region type 3"},
    {"RegionTypeOther", [](Specimen& s) { s.set8(kPages, 34, 0); }, "data-region",
     "lie in region 1, which is of type 0, not 1"},
    {"RegionTypeOfMetadata", [](Specimen& s) { s.set8(kMetadata, 34, 2); }, "metadata-region",
     "the filesystem object lies in region 0, which is for data"},
    {"RegionPad", [](Specimen& s) { s.set8(kPages, 35, 1); }, "reserved", "_1: at byte 35"},
    {"RegionLastReserved", [](Specimen& s) { s.set8(kPages, 39, 1); }, "reserved",
     "_1: at byte 36"},
    {"RegionMissing", [](Specimen& s) { s.remove(kSmall); }, "region-missing", "_2: "},
    {"RegionCutInItsHeader", [](Specimen& s) { s.file(kSmall).resize(39); }, "header-truncated",
     "_2: at byte 39"},
    {"RegionEmpty", [](Specimen& s) { s.file(kSmall).clear(); }, "header-truncated",
     "_2: at byte 0"},
    {"RegionCut", [](Specimen& s) { s.file(kPages).resize(8192); }, "offset-outside",
     "does not lie in its 8192"},
    {"RegionCutWithinAPage", [](Specimen& s) { s.file(kPages).pop_back(); }, "region-size",
     "which are no whole pages"},
    {"RegionLonger",
     [](Specimen& s) { s.file(kMetadata).resize(s.file(kMetadata).size() + 9, std::byte{1}); },
     "stray-bytes", "belong to no object, and are not zero", CheckDepth::kDeep},
    {"RegionTooMany", [](Specimen& s) { s.add(Specimen::region(3), s.file(kPages)); },
     "region-extra", "_3: its region set has 3 regions"},
    // Object id files
    {"ObjectIdsMissing", [](Specimen& s) { s.remove(kPageIds); }, "object-ids-missing",
     "_1: missing, while others of its region set are there"},
    {"ObjectIdsAllMissing",
     [](Specimen& s) {
       s.remove(Specimen::object_ids(0));
       s.remove(Specimen::object_ids(1));
       s.remove(Specimen::object_ids(2));
     },
     "object-ids-absent", "none of 3 object id files is there"},
    {"ObjectIdsMagic", [](Specimen& s) { s.set8(kPageIds, 7, '1'); }, "header-magic", "objectid_"},
    {"ObjectIdsFileType", [](Specimen& s) { s.set8(kPageIds, 12, 0); }, "header-type",
     "file type 0 (filesystem), where 2 (object id) was due"},
    {"ObjectIdsHeaderTooShort", [](Specimen& s) { s.set8(kPageIds, 8, 40); }, "header-length",
     "a header of 40 bytes, where 48 are due"},
    {"ObjectIdsVersion", [](Specimen& s) { s.set8(kPageIds, 16, 0); }, "header-version",
     "format version 0.0"},
    {"ObjectIdsIndex", [](Specimen& s) { s.set8(kPageIds, 32, 0); }, "object-ids-index",
     "_1: at byte 32: the header says region 0, and the name 1"},
    {"ObjectIdsType", [](Specimen& s) { s.set8(kPageIds, 34, 2); }, "object-ids-type",
     "_1: at byte 34: type 2, and the region's is 1"},
    {"ObjectIdsPad", [](Specimen& s) { s.set8(kPageIds, 35, 2); }, "reserved", "_1: at byte 35"},
    {"ObjectIdsReserved", [](Specimen& s) { s.set8(kPageIds, 38, 2); }, "reserved",
     "_1: at byte 36"},
    {"ObjectIdsTableInTheHeader", [](Specimen& s) { s.set8(kPageIds, 40, 8); }, "object-ids-table",
     "object ids at byte 8 do not lie in a file of"},
    {"ObjectIdsTablePastTheEnd", [](Specimen& s) { s.set8(kPageIds, 41, 1); }, "object-ids-table",
     "object ids at byte 304"},
    {"ObjectIdsCountTooLarge", [](Specimen& s) { s.set8(kPageIds, 44, 9); }, "object-ids-table",
     "9 object ids at byte 48"},
    {"ObjectIdsCountTooSmall", [](Specimen& s) { s.set8(kPageIds, 44, 1); }, "trailing-bytes",
     "bytes behind the object ids"},
    {"BackReferencesCut", [](Specimen& s) { s.file(kMetadataIds).pop_back(); }, "trailing-bytes",
     "bytes behind the object ids"},
    {"BackReferencesMagic",
     [](Specimen& s) { *(s.file(kMetadataIds).rbegin() + 15) = std::byte{'C'}; }, "trailing-bytes",
     "16 bytes behind the object ids"},
    {"ObjectIdsCut", [](Specimen& s) { s.file(kPageIds).pop_back(); }, "object-ids-table",
     "do not lie in a file of"},
    {"ObjectIdsCutInTheHeader", [](Specimen& s) { s.file(kPageIds).resize(47); },
     "header-truncated", "_1: at byte 47"},
};

}  // namespace

std::span<const Damage> header_damages() {
  return kDamages;
}

}  // namespace cim::test
