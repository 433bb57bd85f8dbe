// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// A table of names that may be broken: what can be read of it, and everything that is wrong.

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

  /// `bytes` lie at `spot`; `due` is how long the table ought to be, of which they are as much as
  /// it is by its own length. `findings` is told.
  CheckedLinkTable(Bytes bytes, std::uint64_t due, Values values, const format::UpcaseTable& upcase,
                   const Spot& spot, Findings& findings);

  /// Entries that can be found, with broken names or not.
  std::uint32_t size() const noexcept { return count_; }
  /// Whether the entry has a name that can be.
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
  std::uint64_t names_left_ = 0;  // bytes for names that no name has taken yet
  std::vector<bool> has_name_;
};

}  // namespace cim::image_check
