// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// Reads as much as possible of a table of names that may be damaged, and reports everything that is
// wrong.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "format/link_table.h"
#include "image/check/findings.h"

namespace cim::image_check {

class CheckedLinkTable {
 public:
  using Values = format::LinkTable::Values;

  /// `bytes` are at `spot`. `due` is the length that the table should have; `bytes` holds as much
  /// of it as the table's own length allows. Errors are added to `findings`.
  CheckedLinkTable(Bytes bytes, std::uint64_t due, Values values, const format::UpcaseTable& upcase,
                   const Spot& spot, Findings& findings);

  /// Returns the number of entries that can be read, with damaged names or not.
  std::uint32_t size() const noexcept { return count_; }
  /// True if the entry has a valid name.
  bool has_name(std::uint32_t index) const { return has_name_[index]; }
  std::u16string name(std::uint32_t index) const;

  std::uint32_t file_id(std::uint32_t index) const;
  format::DiskStream stream(std::uint32_t index) const;
  Spot value_spot(std::uint32_t index) const { return spot_.at(value_offset(index)); }

 private:
  bool check_head(std::uint64_t due);
  std::optional<std::u16string> checked_name(std::uint32_t index);
  void check_order(std::uint32_t index, std::u16string_view before, std::u16string_view name,
                   const format::UpcaseTable& upcase);
  std::size_t value_offset(std::uint32_t index) const;
  std::size_t place_offset(std::uint32_t index) const;
  std::size_t name_offset(std::uint32_t index) const;

  Bytes bytes_;
  Values values_;
  Spot spot_;
  Findings& findings_;
  std::uint32_t count_ = 0;
  std::uint64_t names_left_ = 0;  // bytes of names that no name has used yet
  std::vector<bool> has_name_;
};

}  // namespace cim::image_check
