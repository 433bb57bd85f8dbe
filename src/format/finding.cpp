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
    KindRow{Kind::kHeaderMagic,
            {"header-magic", kFault, "a file does not start with the CIM signature"}},
    KindRow{Kind::kHeaderType, {"header-type", kFault, "a header has the wrong file type"}},
    KindRow{Kind::kHeaderVersion, {"header-version", kFault, "the major version is unknown"}},
    KindRow{Kind::kHeaderMinorVersion,
            {"header-minor-version", kWarning, "the minor version is unknown"}},
    KindRow{Kind::kHeaderLength,
            {"header-length", kFault, "a header states a length that is too short"}},
    KindRow{Kind::kHeaderLong,
            {"header-long", kWarning, "a header states a length that no known version has"}},
    KindRow{Kind::kReserved, {"reserved", kWarning, "a reserved field is not zero"}},
    KindRow{Kind::kTrailingBytes,
            {"trailing-bytes", kWarning, "a file has bytes after its contents"}},
    KindRow{Kind::kRegionCount, {"region-count", kFault, "the image has no regions, or too many"}},
    KindRow{Kind::kRegionSetEmpty, {"region-set-empty", kWarning, "a region set has no regions"}},
    KindRow{Kind::kRegionSetTwice, {"region-set-twice", kWarning, "a region set is listed twice"}},
    KindRow{Kind::kRegionMissing, {"region-missing", kFault, "a region file is missing"}},
    KindRow{Kind::kRegionUnreadable, {"region-unreadable", kFault, "a region file cannot be read"}},
    KindRow{Kind::kRegionIndex,
            {"region-index", kFault, "a region file has the index of another region"}},
    KindRow{Kind::kRegionType, {"region-type", kFault, "a region has an unknown type"}},
    KindRow{Kind::kRegionSize,
            {"region-size", kWarning,
             "the size of a region for page-aligned data is not a multiple of the page size"}},
    KindRow{Kind::kRegionExtra,
            {"region-extra", kWarning, "a region file has an index beyond its region set"}},
    KindRow{Kind::kObjectIdsAbsent,
            {"object-ids-absent", kNote, "a region set has no object id files"}},
    KindRow{Kind::kObjectIdsMissing,
            {"object-ids-missing", kWarning, "some object id files of a region set are missing"}},
    KindRow{Kind::kObjectIdsUnreadable,
            {"object-ids-unreadable", kWarning, "an object id file cannot be read"}},
    KindRow{Kind::kObjectIdsIndex,
            {"object-ids-index", kFault, "an object id file has the index of another region"}},
    KindRow{Kind::kObjectIdsType,
            {"object-ids-type", kFault, "an object id file has another type than its region"}},
    KindRow{
        Kind::kObjectIdsTable,
        {"object-ids-table", kFault, "the table of object ids extends past the end of its file"}},
    KindRow{Kind::kObjectIdsOrder, {"object-ids-order", kWarning, "object ids are out of order"}},
    KindRow{Kind::kObjectIdsTwice, {"object-ids-twice", kWarning, "an object id occurs twice"}},
    KindRow{Kind::kObjectIdsPlace,
            {"object-ids-place", kFault, "an object id refers to bytes outside its region"}},
    KindRow{Kind::kObjectIdsAlignment,
            {"object-ids-alignment", kWarning, "an object id refers to an unaligned offset"}},
    KindRow{Kind::kOffsetAbsent, {"offset-absent", kFault, "a required structure has no offset"}},
    KindRow{Kind::kOffsetRegion,
            {"offset-region", kFault, "an offset refers to a region that does not exist"}},
    KindRow{Kind::kOffsetHeader,
            {"offset-header", kFault, "an offset refers to the header of a region"}},
    KindRow{Kind::kOffsetOutside,
            {"offset-outside", kFault, "a structure extends past the end of its region"}},
    KindRow{Kind::kMetadataRegion,
            {"metadata-region", kWarning, "metadata is stored in a region for data"}},
    KindRow{Kind::kMetadataAlignment,
            {"metadata-alignment", kWarning, "metadata is not aligned to eight bytes"}},
    KindRow{Kind::kMetadataOverlap,
            {"metadata-overlap", kFault, "the metadata is larger than all regions together"}},
    KindRow{Kind::kUpcaseBroken, {"upcase-broken", kFault, "the upcase table is invalid"}},
    KindRow{Kind::kUpcaseOther,
            {"upcase-other", kWarning, "the upcase table differs from that of Windows volumes"}},
    KindRow{Kind::kFileTablesCount,
            {"file-tables-count", kFault, "the image has no file tables, or too many"}},
    KindRow{Kind::kFileTableCount, {"file-table-count", kFault, "a file table has too many files"}},
    KindRow{Kind::kFileTableOverlap, {"file-table-overlap", kFault, "two file tables overlap"}},
    KindRow{Kind::kRecordSize,
            {"record-size", kFault, "a file table states a record size of zero"}},
    KindRow{Kind::kRecordSizeOdd,
            {"record-size-odd", kWarning, "records have a size that no known version uses"}},
    KindRow{Kind::kRecordFlags, {"record-flags", kWarning, "a record has unknown flags"}},
    KindRow{Kind::kRecordMerged,
            {"record-merged", kFault, "a record belongs to a merged image, while others do not"}},
    KindRow{Kind::kRoot, {"root", kFault, "the root is missing or not a directory"}},
    KindRow{Kind::kDescriptorMissing,
            {"descriptor-missing", kFault, "a file has no security descriptor"}},
    KindRow{Kind::kDescriptorBroken,
            {"descriptor-broken", kFault, "a security descriptor is malformed"}},
    KindRow{Kind::kAttributesMismatch,
            {"attributes-mismatch", kFault,
             "extended attributes have an offset without a size, or a size without an offset"}},
    KindRow{Kind::kAttributesBroken,
            {"attributes-broken", kFault, "extended attributes are malformed"}},
    KindRow{Kind::kReparseMismatch,
            {"reparse-mismatch", kFault,
             "a file has a reparse tag without data, or data without a tag"}},
    KindRow{Kind::kReparseBroken, {"reparse-broken", kFault, "reparse data is malformed"}},
    KindRow{Kind::kReparseTag,
            {"reparse-tag", kFault, "a record and its reparse data have different tags"}},
    KindRow{Kind::kStreamType,
            {"stream-type", kFault, "a stream has a type that is not allowed there"}},
    KindRow{Kind::kStreamSparse,
            {"stream-sparse", kWarning, "a sparse stream has an offset, as if it had data"}},
    KindRow{Kind::kEmptyStream,
            {"empty-stream", kWarning, "an empty stream has an invalid offset"}},
    KindRow{Kind::kEmptyDirectory,
            {"empty-directory", kWarning, "an empty directory has an offset for its names"}},
    KindRow{Kind::kDataRegion,
            {"data-region", kWarning, "data is stored in a region of the wrong type for its size"}},
    KindRow{Kind::kDataAlignment,
            {"data-alignment", kFault, "data is not aligned as its region requires"}},
    KindRow{Kind::kPeLength,
            {"pe-length", kFault, "an expanded executable has another length than its file"}},
    KindRow{Kind::kPeFlags, {"pe-flags", kWarning, "an expanded executable has unexpected flags"}},
    KindRow{Kind::kPeOrder,
            {"pe-order", kFault, "the mappings of an expanded executable are out of order"}},
    KindRow{Kind::kPeEnd,
            {"pe-end", kWarning,
             "a mapping of an expanded executable starts past the end of the file"}},
    KindRow{Kind::kPeOutside,
            {"pe-outside", kFault, "a part of an expanded executable is outside its region"}},
    KindRow{Kind::kPeOverlap, {"pe-overlap", kFault, "parts of an expanded executable overlap"}},
    KindRow{Kind::kPeAlignment,
            {"pe-alignment", kWarning, "a part of an expanded executable is not page-aligned"}},
    KindRow{Kind::kPeImageLength,
            {"pe-image-length", kWarning,
             "an expanded executable has another size in memory than its headers state"}},
    KindRow{Kind::kPeLayout,
            {"pe-layout", kWarning, "an expanded executable is not laid out as its headers state"}},
    KindRow{Kind::kTableAlignment,
            {"table-alignment", kFault, "a table of names is not aligned to eight bytes"}},
    KindRow{Kind::kTableLength, {"table-length", kFault, "a table of names has the wrong length"}},
    KindRow{Kind::kTableCount,
            {"table-count", kFault, "a table of names is too short for its number of names"}},
    KindRow{Kind::kTableEmpty, {"table-empty", kWarning, "a table of names is empty"}},
    KindRow{Kind::kTableCounted,
            {"table-counted", kNote, "a table of streams starts with a count"}},
    KindRow{Kind::kNamePlace, {"name-place", kFault, "a name extends past the end of its table"}},
    KindRow{Kind::kNameLength, {"name-length", kFault, "a name is empty or too long"}},
    KindRow{Kind::kNameOverlap, {"name-overlap", kFault, "names in a table overlap"}},
    KindRow{Kind::kNameImpossible,
            {"name-impossible", kFault, "a name has characters that are not allowed"}},
    KindRow{Kind::kNameOrder, {"name-order", kFault, "names are out of order"}},
    KindRow{Kind::kNameTwice, {"name-twice", kFault, "a directory contains a name twice"}},
    KindRow{Kind::kIdDangling,
            {"id-dangling", kFault, "a name refers to a file that does not exist"}},
    KindRow{Kind::kDirectoryTwice, {"directory-twice", kFault, "a directory has two names"}},
    KindRow{Kind::kDirectoryCycle, {"directory-cycle", kFault, "a directory contains itself"}},
    KindRow{Kind::kDirectoryShared,
            {"directory-shared", kWarning, "two directories share one table of names"}},
    KindRow{Kind::kPathLength, {"path-length", kFault, "a path is longer than Windows allows"}},
    KindRow{Kind::kParent,
            {"parent", kFault, "a file's parent is not a directory that contains the file"}},
    KindRow{Kind::kFileUnreachable, {"file-unreachable", kFault, "no name refers to a file"}},
    KindRow{Kind::kFilesRemoved,
            {"files-removed", kNote, "the image keeps records of removed files"}},
    KindRow{Kind::kObjectDigest,
            {"object-digest", kFault, "an object's contents do not match its digest"}},
    KindRow{Kind::kObjectDigestOther,
            {"object-digest-other", kWarning, "object ids of a region set are of an unknown kind"}},
    KindRow{Kind::kObjectsUnverified,
            {"objects-unverified", kWarning, "some data has no digest to verify it with"}},
    KindRow{Kind::kObjectSize,
            {"object-size", kFault, "an object has another size by its id than by its use"}},
    KindRow{Kind::kObjectOverlap, {"object-overlap", kFault, "two objects overlap"}},
    KindRow{Kind::kObjectWithoutId, {"object-without-id", kWarning, "some data has no object id"}},
    KindRow{Kind::kObjectsOrphaned, {"objects-orphaned", kNote, "some objects are unused"}},
    KindRow{Kind::kRegionUnused, {"region-unused", kNote, "a region is unused"}},
    KindRow{Kind::kStrayBytes, {"stray-bytes", kWarning, "bytes outside all objects are not zero"}},
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
