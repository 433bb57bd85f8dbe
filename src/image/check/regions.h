// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// The region files of an image that may be broken: those that are there, and checked reading from
// them that reports instead of throwing.

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
#include "os/file.h"

namespace cim::image_check {

/// Where objects may start (docs/format.md, "Headers").
inline constexpr std::uint64_t kPageSize = 4096;
inline constexpr std::uint64_t kObjectAlignment = 8;

struct CheckedRegion {
  std::filesystem::path path;
  Guid set;
  std::uint16_t number = 0;  ///< in its set
  bool is_own = false;
  bool is_readable = false;
  std::optional<RegionType> type;  ///< nothing if it is not known
  std::uint64_t size = 0;
};

class CheckedRegions {
 public:
  /// Opens the regions of all sets in `directory` and looks at their headers. `findings` must
  /// outlive this.
  CheckedRegions(const std::filesystem::path& directory, const std::vector<RegionSet>& sets,
                 Findings& findings);

  const std::vector<CheckedRegion>& all() const noexcept { return regions_; }
  const CheckedRegion& operator[](format::RegionOffset offset) const {
    return regions_[offset.region()];
  }

  /// The spot that an offset leads to, which must lie in a region.
  Spot spot(format::RegionOffset offset, FileId id = 0, std::string_view stream = {}) const {
    return {&regions_[offset.region()].path, offset.byte_offset(), id, stream};
  }

  /// Whether `size` bytes at `offset` lie in a region that can be read. If not, that is reported
  /// for `what`, which the field at `spot` leads to; where the region itself was reported before,
  /// nothing more is.
  bool holds(format::RegionOffset offset, std::uint64_t size, std::string_view what,
             const Spot& spot);

  /// The same without a word.
  bool fits(format::RegionOffset offset, std::uint64_t size) const;

  /// The bytes, or nothing, which is reported.
  std::optional<Bytes> read(format::RegionOffset offset, std::uint64_t size, std::string_view what,
                            const Spot& spot);
  /// The same into a buffer of the caller; returns whether it is filled.
  bool read(format::RegionOffset offset, std::span<std::byte> into, std::string_view what,
            const Spot& spot);

  /// Reports metadata in a region of data, or unaligned, which is of the kind `unaligned`. The
  /// offset must lie in a region.
  void check_metadata_place(format::RegionOffset offset, std::string_view what, const Spot& spot,
                            Kind unaligned = Kind::kMetadataAlignment);

  /// The start of a table, which says how long it is: so many of the `size` bytes that it may take.
  std::optional<Bytes> read_table(format::RegionOffset offset, std::uint64_t size,
                                  std::string_view what, const Spot& spot);

  /// The same for one that was read before, without a word.
  std::optional<Bytes> read_table_again(format::RegionOffset offset, std::uint64_t size);

  /// Reads bytes that lie in the region for sure; a failure of the disk is reported.
  bool read_raw(const CheckedRegion& region, std::uint64_t offset, std::span<std::byte> into);

 private:
  void look_at(CheckedRegion region);
  const File& file_of(const CheckedRegion& region);
  void check_header(CheckedRegion& region);
  bool may_read(std::uint64_t size, const Spot& spot);

  Findings& findings_;
  std::vector<CheckedRegion> regions_;
  std::vector<std::optional<File>> files_;  // by region; only some are open
  std::deque<std::size_t> open_;            // these, the one opened first in front
  std::uint64_t bytes_left_ = 0;
  bool is_exhausted_ = false;
};

}  // namespace cim::image_check
