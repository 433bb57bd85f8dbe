// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// Checks the object id file of a region: header, table, and the places that it lists.

#include <filesystem>
#include <optional>
#include <vector>

#include "format/header.h"
#include "image/check/context.h"

namespace cim::image_check {

/// The entries of one file that refer to objects within its region.
struct CheckedObjectIds {
  bool is_readable = false;                      ///< true if the whole table was read
  std::vector<format::ObjectIdEntry> entries{};  ///< only in deep checks; sorted by place
};

/// Checks the object id files of all regions, one after another.
class ObjectIdChecker {
 public:
  explicit ObjectIdChecker(Context& context) : context_(context) {}

  CheckedObjectIds check(const CheckedRegion& region);

  /// Reports the missing files, after all regions of a set have been checked.
  void end_set();

 private:
  std::optional<format::ObjectIdHeader> check_header(const CheckedRegion& region, const File& file);
  bool check_table(const format::ObjectIdHeader& header, const CheckedRegion& region,
                   const File& file);
  static bool are_back_references(const CheckedRegion& region, const File& file,
                                  std::uint64_t start);
  CheckedObjectIds read_entries(const format::ObjectIdHeader& header, const CheckedRegion& region,
                                const File& file);
  bool check_entry(const format::ObjectIdEntry& entry, const CheckedRegion& region,
                   const Spot& spot);

  Context& context_;
  std::vector<std::filesystem::path> missing_;  // of the current set
  bool has_some_ = false;
};

}  // namespace cim::image_check
