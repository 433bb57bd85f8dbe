// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// The defects that an image can have, and the sinks to which decoders report them. Readers stop at
// the first fault; checks collect everything. Both use the same decoders.

#include <cstdint>
#include <filesystem>
#include <string>

#include "cimlib/finding.h"

namespace cim::format {

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

/// Receives everything that a decoder finds wrong with a structure.
class FindingSink {
 public:
  FindingSink() = default;
  FindingSink(const FindingSink&) = delete;
  FindingSink& operator=(const FindingSink&) = delete;
  virtual ~FindingSink() = default;

  /// `offset` is counted from the start of the structure. May throw to stop the decoder.
  virtual void add(Kind kind, std::uint64_t offset, std::string text) = 0;
};

/// Throws at the first fault: kUnsupported for an unknown version or region type, otherwise
/// kCorrupt. Ignores notes and warnings.
class ThrowingSink : public FindingSink {
 public:
  /// `file` is named in errors and must outlive the sink; the structure is at `start` in it.
  explicit ThrowingSink(const std::filesystem::path& file, std::uint64_t start = 0) noexcept
      : file_(file), start_(start) {}
  explicit ThrowingSink(std::filesystem::path&&, std::uint64_t = 0) = delete;

  void add(Kind kind, std::uint64_t offset, std::string text) override;

 private:
  const std::filesystem::path& file_;
  std::uint64_t start_;
};

/// Reports a reserved field that is not zero.
void check_reserved(std::uint64_t value, std::uint64_t offset, FindingSink& sink);

}  // namespace cim::format
