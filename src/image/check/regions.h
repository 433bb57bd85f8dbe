// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// The region files of an image that may be damaged: which of them exist, and checked reads that
// report errors instead of throwing.

#include <cstdint>
#include <deque>
#include <filesystem>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "cimlib/image.h"

#include "format/region_offset.h"
#include "image/check/findings.h"
#include "image/read/region_locator.h"
#include "os/file.h"

namespace cim::image_check {

/// The alignment of objects (docs/format.md, "Headers").
inline constexpr std::uint64_t kPageSize = 4096;
inline constexpr std::uint64_t kObjectAlignment = 8;

/// A region that the header lists, whether or not its file exists.
struct CheckedRegion {
  std::filesystem::path path;
  Guid set;
  std::uint16_t number = 0;  ///< in its set
  bool is_own = false;
  bool is_readable = false;
  std::optional<RegionType> type;  ///< nullopt if it is not known
  std::uint64_t size = 0;
};

/// Keeps a limited number of region files open, and limits the bytes of metadata that are read in
/// all: in a crafted image tables can overlap.
class CheckedRegions {
 public:
  /// Opens the regions of all sets and checks their headers. The references must outlive this
  /// object.
  CheckedRegions(const RegionLocator& locator, const std::vector<RegionSet>& sets,
                 Findings& findings);

  const std::vector<CheckedRegion>& all() const noexcept { return regions_; }
  const CheckedRegion& operator[](format::RegionOffset offset) const {
    return regions_[offset.region()];
  }

  /// Returns the spot that an offset refers to, which must be within a region.
  Spot spot(format::RegionOffset offset, FileId id = 0, std::string_view stream = {}) const {
    return {&regions_[offset.region()].path, offset.byte_offset(), id, stream};
  }

  /// Returns true if `size` bytes at `offset` are within a readable region. If not, reports that
  /// for `what`, which the field at `spot` refers to, unless an error of the region itself was
  /// reported before.
  bool holds(format::RegionOffset offset, std::uint64_t size, std::string_view what,
             const Spot& spot);

  /// Like holds(), but reports nothing.
  bool fits(format::RegionOffset offset, std::uint64_t size) const;

  /// Returns the bytes; nullopt if they cannot be read, which is reported.
  std::optional<Bytes> read(format::RegionOffset offset, std::uint64_t size, std::string_view what,
                            const Spot& spot);
  /// Like the other read(), into a buffer of the caller; returns whether it was filled.
  bool read(format::RegionOffset offset, std::span<std::byte> into, std::string_view what,
            const Spot& spot);

  /// Reports metadata in a region of data, and metadata that is not aligned as a finding of the
  /// kind `unaligned`. The offset must be within a region.
  void check_metadata_place(format::RegionOffset offset, std::string_view what, const Spot& spot,
                            Kind unaligned = Kind::kMetadataAlignment);

  /// Reads a table up to its own length, at most `size` bytes.
  std::optional<Bytes> read_table(format::RegionOffset offset, std::uint64_t size,
                                  std::string_view what, const Spot& spot);

  /// Like read_table() for a table that was read before; reports nothing.
  std::optional<Bytes> read_table_again(format::RegionOffset offset, std::uint64_t size);

  /// Reads bytes that are known to be within the region; a failure of the disk is reported.
  bool read_raw(const CheckedRegion& region, std::uint64_t offset, std::span<std::byte> into);

 private:
  void examine(CheckedRegion region);
  const File& file_of(const CheckedRegion& region);
  void check_header(CheckedRegion& region);
  bool may_read(std::uint64_t size, const Spot& spot);

  Findings& findings_;
  std::vector<CheckedRegion> regions_;
  std::vector<std::optional<File>> files_;  // by region; only some are open
  std::deque<std::size_t> open_;            // the regions whose files are open, in the order of
                                            // opening
  std::uint64_t bytes_left_ = 0;
  bool is_exhausted_ = false;
};

}  // namespace cim::image_check
