// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "format/finding.h"

#include <array>
#include <utility>

#include "cimlib/check.h"
#include "cimlib/error.h"

namespace cim {
namespace format {
namespace {

struct KindRow {
  Kind kind;
  FindingKind shown;
};

constexpr auto kNote = Severity::kNote;
constexpr auto kWarning = Severity::kWarning;
constexpr auto kFault = Severity::kFault;

constexpr std::array kRows = {
    KindRow{Kind::kHeaderTruncated, {"header-truncated", kFault, "a file ends within its header"}},
    KindRow{Kind::kHeaderMagic, {"header-magic", kFault, "a file does not start as CIM files do"}},
    KindRow{Kind::kHeaderType, {"header-type", kFault, "a header is that of another type of file"}},
    KindRow{Kind::kHeaderVersion, {"header-version", kFault, "the major version is not known"}},
    KindRow{Kind::kHeaderMinorVersion,
            {"header-minor-version", kWarning, "the minor version is not known"}},
    KindRow{Kind::kHeaderLength, {"header-length", kFault, "a header says it is too short"}},
    KindRow{Kind::kHeaderLong, {"header-long", kWarning, "a header says it is longer than known"}},
    KindRow{Kind::kReserved, {"reserved", kWarning, "a reserved field is not zero"}},
    KindRow{Kind::kTrailingBytes,
            {"trailing-bytes", kWarning, "a file goes on behind what it holds"}},
    KindRow{Kind::kRegionCount, {"region-count", kFault, "no regions in all, or too many"}},
    KindRow{Kind::kRegionSetEmpty, {"region-set-empty", kWarning, "a region set has no regions"}},
    KindRow{Kind::kRegionSetTwice, {"region-set-twice", kWarning, "a region set is named twice"}},
    KindRow{Kind::kRegionMissing, {"region-missing", kFault, "a region file is missing"}},
    KindRow{Kind::kRegionUnreadable, {"region-unreadable", kFault, "a region file can't be read"}},
    KindRow{Kind::kRegionIndex, {"region-index", kFault, "a region has the index of another"}},
    KindRow{Kind::kRegionType, {"region-type", kFault, "a region has a type that is not known"}},
    KindRow{Kind::kRegionSize,
            {"region-size", kWarning, "a region of page-aligned data is no whole pages"}},
    KindRow{Kind::kRegionExtra,
            {"region-extra", kWarning, "a region file is beyond the number of its region set"}},
    KindRow{Kind::kObjectIdsAbsent,
            {"object-ids-absent", kNote, "a region set has no object id files"}},
    KindRow{Kind::kObjectIdsMissing,
            {"object-ids-missing", kWarning, "some object id files of a region set are missing"}},
    KindRow{Kind::kObjectIdsUnreadable,
            {"object-ids-unreadable", kWarning, "an object id file can't be read"}},
    KindRow{Kind::kObjectIdsIndex,
            {"object-ids-index", kFault, "object ids have the index of another region"}},
    KindRow{Kind::kObjectIdsType,
            {"object-ids-type", kFault, "object ids have another type than their region"}},
    KindRow{Kind::kObjectIdsTable,
            {"object-ids-table", kFault, "the table of object ids does not lie in its file"}},
    KindRow{Kind::kObjectIdsOrder, {"object-ids-order", kWarning, "object ids are out of order"}},
    KindRow{Kind::kObjectIdsTwice, {"object-ids-twice", kWarning, "an object id is there twice"}},
    KindRow{Kind::kObjectIdsPlace,
            {"object-ids-place", kFault, "an object id leads out of its region"}},
    KindRow{Kind::kObjectIdsAlignment,
            {"object-ids-alignment", kWarning, "an object id leads to an unaligned place"}},
    KindRow{Kind::kOffsetAbsent, {"offset-absent", kFault, "something that must be has no place"}},
    KindRow{Kind::kOffsetRegion,
            {"offset-region", kFault, "something would lie in a region that is not there"}},
    KindRow{Kind::kOffsetHeader,
            {"offset-header", kFault, "something would lie in the header of a region"}},
    KindRow{Kind::kOffsetOutside,
            {"offset-outside", kFault, "something does not lie within its region"}},
    KindRow{Kind::kMetadataRegion,
            {"metadata-region", kWarning, "metadata lie in a region for data"}},
    KindRow{Kind::kMetadataAlignment,
            {"metadata-alignment", kWarning, "metadata are not aligned to eight bytes"}},
    KindRow{Kind::kMetadataOverlap,
            {"metadata-overlap", kFault, "metadata take more bytes than the regions hold"}},
    KindRow{Kind::kUpcaseBroken, {"upcase-broken", kFault, "the upcase table can't be one"}},
    KindRow{Kind::kUpcaseOther,
            {"upcase-other", kWarning, "the upcase table is not that of Windows volumes"}},
    KindRow{Kind::kFileTablesCount,
            {"file-tables-count", kFault, "no file tables, or more than there can be"}},
    KindRow{Kind::kFileTableCount,
            {"file-table-count", kFault, "a file table has more files than it can have"}},
    KindRow{Kind::kFileTableOverlap, {"file-table-overlap", kFault, "two file tables overlap"}},
    KindRow{Kind::kRecordSize, {"record-size", kFault, "the records of a file table have no size"}},
    KindRow{Kind::kRecordSizeOdd,
            {"record-size-odd", kWarning, "records have a size of no known version"}},
    KindRow{Kind::kRecordFlags, {"record-flags", kWarning, "a record has flags without meaning"}},
    KindRow{Kind::kRecordMerged,
            {"record-merged", kFault, "a record is of a merged image, while others are not"}},
    KindRow{Kind::kRoot, {"root", kFault, "the root is no directory, or not there"}},
    KindRow{Kind::kDescriptorMissing,
            {"descriptor-missing", kFault, "a file has no security descriptor"}},
    KindRow{Kind::kDescriptorBroken,
            {"descriptor-broken", kFault, "a security descriptor breaks its format"}},
    KindRow{Kind::kAttributesMismatch,
            {"attributes-mismatch", kFault,
             "extended attributes have a place without size, or a size without place"}},
    KindRow{Kind::kAttributesBroken,
            {"attributes-broken", kFault, "extended attributes break their format"}},
    KindRow{Kind::kReparseMismatch,
            {"reparse-mismatch", kFault, "a reparse tag without data, or data without tag"}},
    KindRow{Kind::kReparseBroken, {"reparse-broken", kFault, "reparse data break their format"}},
    KindRow{Kind::kReparseTag, {"reparse-tag", kFault, "a record and its reparse data disagree"}},
    KindRow{Kind::kStreamType,
            {"stream-type", kFault, "a stream has a type that it can't have there"}},
    KindRow{Kind::kStreamSparse,
            {"stream-sparse", kWarning, "a sparse stream has a place, as if it had data"}},
    KindRow{Kind::kEmptyStream,
            {"empty-stream", kWarning, "an empty stream has an offset that leads nowhere"}},
    KindRow{Kind::kEmptyDirectory,
            {"empty-directory", kWarning, "an empty directory has a place for its names"}},
    KindRow{Kind::kDataRegion,
            {"data-region", kWarning, "data lie in a region of another type than their size asks"}},
    KindRow{Kind::kDataAlignment,
            {"data-alignment", kFault, "data are not aligned as their region demands"}},
    KindRow{Kind::kPeLength,
            {"pe-length", kFault, "an expanded executable has another length than its file"}},
    KindRow{Kind::kPeFlags,
            {"pe-flags", kWarning, "an expanded executable is not marked as valid, or oddly"}},
    KindRow{Kind::kPeOrder,
            {"pe-order", kFault, "the mappings of an expanded executable do not ascend"}},
    KindRow{Kind::kPeEnd,
            {"pe-end", kWarning, "a mapping of an expanded executable is behind its end"}},
    KindRow{Kind::kPeOutside,
            {"pe-outside", kFault, "a part of an expanded executable leads out of the region"}},
    KindRow{Kind::kPeOverlap, {"pe-overlap", kFault, "parts of an expanded executable overlap"}},
    KindRow{Kind::kPeAlignment,
            {"pe-alignment", kWarning, "a part of an expanded executable starts at no page"}},
    KindRow{Kind::kPeImageLength,
            {"pe-image-length", kWarning,
             "an expanded executable takes another size in memory than its headers say"}},
    KindRow{Kind::kPeLayout,
            {"pe-layout", kWarning, "an expanded executable is not laid out as its headers say"}},
    KindRow{Kind::kTableAlignment,
            {"table-alignment", kFault, "a table of names is not aligned to eight bytes"}},
    KindRow{Kind::kTableLength,
            {"table-length", kFault, "a table of names has another length than is due"}},
    KindRow{Kind::kTableCount,
            {"table-count", kFault, "a table of names is too short for its number of names"}},
    KindRow{Kind::kTableEmpty, {"table-empty", kWarning, "a table of names has none"}},
    KindRow{Kind::kTableCounted,
            {"table-counted", kNote, "a table of streams has a count in front"}},
    KindRow{Kind::kNamePlace, {"name-place", kFault, "a name does not lie in its table"}},
    KindRow{Kind::kNameLength, {"name-length", kFault, "a name is empty or too long"}},
    KindRow{Kind::kNameOverlap, {"name-overlap", kFault, "names of a table share bytes"}},
    KindRow{Kind::kNameImpossible,
            {"name-impossible", kFault, "a name has characters that none can have"}},
    KindRow{Kind::kNameOrder, {"name-order", kFault, "names are out of order"}},
    KindRow{Kind::kNameTwice, {"name-twice", kFault, "a directory has a name twice"}},
    KindRow{Kind::kIdDangling, {"id-dangling", kFault, "a name leads to a file that is not there"}},
    KindRow{Kind::kDirectoryTwice, {"directory-twice", kFault, "a directory has two names"}},
    KindRow{Kind::kDirectoryCycle, {"directory-cycle", kFault, "a directory is inside itself"}},
    KindRow{Kind::kDirectoryShared,
            {"directory-shared", kWarning, "two directories have one table of names"}},
    KindRow{Kind::kPathLength, {"path-length", kFault, "a path is longer than Windows allows"}},
    KindRow{Kind::kParent,
            {"parent", kFault, "the parent of a file is no directory that has a name for it"}},
    KindRow{Kind::kFileUnreachable, {"file-unreachable", kFault, "no name leads to a file"}},
    KindRow{Kind::kFilesRemoved,
            {"files-removed", kNote, "records of files that the image has removed"}},
    KindRow{Kind::kObjectDigest,
            {"object-digest", kFault, "an object's bytes are not those of its digest"}},
    KindRow{Kind::kObjectDigestOther,
            {"object-digest-other", kWarning,
             "no digest of a region set is the one that cimlib writes"}},
    KindRow{Kind::kObjectsUnverified,
            {"objects-unverified", kWarning, "objects of data have no digest to be compared with"}},
    KindRow{Kind::kObjectSize,
            {"object-size", kFault, "an object has another size by its id than by its use"}},
    KindRow{Kind::kObjectOverlap, {"object-overlap", kFault, "two objects overlap"}},
    KindRow{Kind::kObjectWithoutId,
            {"object-without-id", kWarning, "objects of data have no object id"}},
    KindRow{Kind::kObjectsOrphaned,
            {"objects-orphaned", kNote, "nothing in the image uses some of its objects"}},
    KindRow{Kind::kRegionUnused,
            {"region-unused", kNote, "nothing in the image uses a region of it"}},
    KindRow{Kind::kStrayBytes,
            {"stray-bytes", kWarning, "bytes that belong to no object are not zero"}},
};

constexpr bool rows_are_in_order() {
  for (std::size_t i = 0; i < kRows.size(); ++i) {
    if (static_cast<std::size_t>(kRows[i].kind) != i) {
      return false;
    }
  }
  return true;
}
static_assert(rows_are_in_order());

constexpr auto kShown = [] {
  std::array<FindingKind, kRows.size()> shown{};
  for (std::size_t i = 0; i < shown.size(); ++i) {
    shown[i] = kRows[i].shown;
  }
  return shown;
}();

}  // namespace

void ThrowingSink::add(Kind kind, std::uint64_t offset, std::string text) {
  if (kShown[static_cast<std::size_t>(kind)].severity != Severity::kFault) {
    return;
  }
  const bool is_unknown = kind == Kind::kHeaderVersion || kind == Kind::kRegionType;
  throw Error(is_unknown ? ErrorCode::kUnsupported : ErrorCode::kCorrupt, file_.string(),
              std::move(text), start_ + offset);
}

void check_reserved(std::uint64_t value, std::uint64_t offset, FindingSink& sink) {
  if (value != 0) {
    sink.add(Kind::kReserved, offset, "a reserved field is not zero");
  }
}

}  // namespace format

std::span<const FindingKind> finding_kinds() noexcept {
  return format::kShown;
}

}  // namespace cim
