// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// Compares a file of one image with a file of another.

#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "cimlib/diff.h"
#include "cimlib/guid.h"

#include "base/bytes.h"
#include "image/read/directory_visits.h"
#include "image/read/image_reader.h"

namespace cim {

/// Compares files without reading what both images store at the same place. The results for large
/// streams and for descriptors are remembered, since many files share them.
class FileComparison {
 public:
  /// Both readers must outlive this object.
  FileComparison(const ImageReader& before, const ImageReader& after);

  /// Returns true if the two records are the same bytes in the same place, so that nothing can
  /// differ.
  bool is_same_record(FileId before, FileId after) const;

  /// Returns the fields in which two files differ, apart from names and links; appends the streams
  /// that differ to `streams`.
  std::uint32_t compare(FileId before, FileId after, std::vector<std::u16string>& streams);

  std::uint64_t compared_bytes() const noexcept { return compared_bytes_; }

 private:
  bool is_same_place(format::RegionOffset before, format::RegionOffset after) const;
  bool has_same_bytes(const format::Stream& before, const format::Stream& after);
  /// Returns the result of `compare` for two objects; `compare` is called once for each pair.
  template <typename Compare>
  bool is_known_same(const std::array<std::uint64_t, 4>& objects, const Compare& compare);
  bool read_and_compare(const Stream& before, const Stream& after);
  bool has_same_extents(const Stream& before, const Stream& after) const;
  std::uint32_t compare_objects(const format::FileRecord& before, const format::FileRecord& after);
  void compare_streams(const format::FileRecord& before, const format::FileRecord& after,
                       std::vector<std::u16string>& streams);

  const ImageReader& before_;
  const ImageReader& after_;
  // By index of a region: a number that is the same in both images for the same file.
  std::vector<std::uint32_t> regions_before_;
  std::vector<std::uint32_t> regions_after_;
  std::size_t shared_regions_ = 0;  // of the region sets that both images start with
  TableBudget budget_before_;
  TableBudget budget_after_;
  std::map<std::array<std::uint64_t, 4>, bool> known_;  // of large streams and of descriptors
  std::uint64_t compared_bytes_ = 0;
  Bytes buffer_before_;
  Bytes buffer_after_;
};

}  // namespace cim
