// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// The kinds of findings, and the class that collects them.

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

#include "cimlib/check.h"

namespace cim::image_check {

/// In the order of finding_kinds(), which describes each.
enum class Kind : std::uint8_t {
  kHeaderTruncated,
  kHeaderMagic,
  kHeaderType,
  kHeaderVersion,
  kHeaderMinorVersion,
  kHeaderLength,
  kHeaderLong,
  kReserved,
  kTrailingBytes,
  kRegionCount,
  kRegionSetEmpty,
  kRegionSetTwice,
  kRegionMissing,
  kRegionUnreadable,
  kRegionIndex,
  kRegionType,
  kRegionSize,
  kRegionExtra,
  kObjectIdsAbsent,
  kObjectIdsMissing,
  kObjectIdsUnreadable,
  kObjectIdsIndex,
  kObjectIdsType,
  kObjectIdsTable,
  kObjectIdsOrder,
  kObjectIdsTwice,
  kObjectIdsPlace,
  kObjectIdsAlignment,
  kOffsetAbsent,
  kOffsetRegion,
  kOffsetHeader,
  kOffsetOutside,
  kMetadataRegion,
  kMetadataAlignment,
  kMetadataOverlap,
  kUpcaseBroken,
  kUpcaseOther,
  kFileTablesCount,
  kFileTableCount,
  kFileTableOverlap,
  kRecordSize,
  kRecordSizeOdd,
  kRecordFlags,
  kRecordMerged,
  kRoot,
  kDescriptorMissing,
  kDescriptorBroken,
  kAttributesMismatch,
  kAttributesBroken,
  kReparseMismatch,
  kReparseBroken,
  kReparseTag,
  kStreamType,
  kStreamSparse,
  kEmptyStream,
  kEmptyDirectory,
  kDataRegion,
  kDataAlignment,
  kPeLength,
  kPeFlags,
  kPeOrder,
  kPeEnd,
  kPeOutside,
  kPeOverlap,
  kPeAlignment,
  kPeImageLength,
  kPeLayout,
  kTableAlignment,
  kTableLength,
  kTableCount,
  kTableEmpty,
  kTableCounted,
  kNamePlace,
  kNameLength,
  kNameOverlap,
  kNameImpossible,
  kNameOrder,
  kNameTwice,
  kIdDangling,
  kDirectoryTwice,
  kDirectoryCycle,
  kDirectoryShared,
  kPathLength,
  kParent,
  kFileUnreachable,
  kFilesRemoved,
  kObjectDigest,
  kObjectDigestOther,
  kObjectsUnverified,
  kObjectSize,
  kObjectOverlap,
  kObjectWithoutId,
  kObjectsOrphaned,
  kRegionUnused,
  kStrayBytes,
};

/// The location of the field being checked, and the file and stream of the image it belongs to.
struct Spot {
  const std::filesystem::path* file = nullptr;  ///< of the host; must outlive the spot
  std::uint64_t offset = 0;
  FileId id = 0;
  std::string_view stream = {};  ///< of an alternate stream, WTF-8

  /// Returns the spot `distance` bytes further.
  Spot at(std::uint64_t distance) const { return {file, offset + distance, id, stream}; }
};

/// Collects findings into a report, and keeps a limited number of them.
class Findings {
 public:
  Findings(CheckReport& report, std::size_t max) : report_(report), max_(max) {}

  void add(Kind kind, const Spot& spot, std::string text);
  /// Adds a finding about a file of the host as a whole.
  void add(Kind kind, const std::filesystem::path& file, std::string text);

  std::vector<Finding>& kept() noexcept { return report_.findings; }

 private:
  void add(Kind kind, Finding finding);

  CheckReport& report_;
  std::size_t max_;
};

}  // namespace cim::image_check
