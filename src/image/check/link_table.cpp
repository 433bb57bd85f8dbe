// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "image/check/link_table.h"

#include <algorithm>
#include <compare>
#include <cstring>
#include <utility>

#include <fmt/format.h>

#include "cimlib/error.h"
#include "cimlib/image_path.h"

#include "base/checked_math.h"
#include "base/endian.h"
#include "base/utf16.h"

namespace cim::image_check {
namespace {

// The caller has checked that the bytes are there.
template <DiskStruct T>
T load(const Bytes& bytes, std::size_t offset) {
  T value;
  std::memcpy(&value, &bytes.at(offset), sizeof value);
  return value;
}

std::strong_ordering compare(std::u16string_view a, std::u16string_view b,
                             const format::UpcaseTable& upcase) {
  for (std::size_t i = 0; i < std::min(a.size(), b.size()); ++i) {
    if (const auto order = upcase[a[i]] <=> upcase[b[i]]; order != 0) {
      return order;
    }
  }
  return a.size() <=> b.size();
}

}  // namespace

CheckedLinkTable::CheckedLinkTable(Bytes bytes, std::uint64_t due, Values values,
                                   const format::UpcaseTable& upcase, const Spot& spot,
                                   Findings& findings)
    : bytes_(std::move(bytes)), values_(values), spot_(spot), findings_(findings) {
  if (!check_head(due)) {
    return;
  }
  has_name_.resize(count_);
  std::u16string before;
  for (std::uint32_t i = 0; i < count_; ++i) {
    if (auto name = checked_name(i)) {
      has_name_[i] = true;
      check_order(i, before, *name, upcase);
      before = *std::move(name);
    }
  }
}

bool CheckedLinkTable::check_head(std::uint64_t due) {
  if (bytes_.size() < format::kLinkTableHeaderSize) {
    findings_.add(Kind::kTableLength, spot_,
                  fmt::format("a table of names of {} bytes; the minimum is {}", bytes_.size(),
                              format::kLinkTableHeaderSize));
    return false;
  }
  const std::uint32_t length = load<Le32>(bytes_, 0);
  if (length != due) {
    findings_.add(Kind::kTableLength, spot_,
                  fmt::format("a table of names of {} bytes, expected {}", length, due));
    if (length < format::kLinkTableHeaderSize || length > bytes_.size()) {
      return false;
    }
    bytes_.resize(length);
  }
  const std::uint32_t count = load<Le32>(bytes_, 4);
  const std::size_t entry_size = static_cast<std::uint32_t>(values_) + sizeof(Le32);
  const std::size_t room = bytes_.size() - format::kLinkTableHeaderSize;
  if (count > room / entry_size) {
    findings_.add(
        Kind::kTableCount, spot_.at(4),
        fmt::format("{} names do not fit into a table of {} bytes", count, bytes_.size()));
    return false;
  }
  if (count == 0) {
    findings_.add(Kind::kTableEmpty, spot_.at(4), "the table of names is empty");
  }
  count_ = count;
  names_left_ = room - count_ * entry_size;
  return true;
}

std::size_t CheckedLinkTable::value_offset(std::uint32_t index) const {
  return format::kLinkTableHeaderSize + std::size_t{index} * static_cast<std::uint32_t>(values_);
}
std::size_t CheckedLinkTable::place_offset(std::uint32_t index) const {
  return value_offset(count_) + std::size_t{index} * sizeof(Le32);
}
std::size_t CheckedLinkTable::name_offset(std::uint32_t index) const {
  return load<Le32>(bytes_, place_offset(index));
}

std::u16string CheckedLinkTable::name(std::uint32_t index) const {
  const std::size_t start = name_offset(index);
  const std::size_t units = load<Le16>(bytes_, start);
  return utf16_from_le(ByteView(bytes_).subspan(start + sizeof(Le16), 2 * units));
}

std::uint32_t CheckedLinkTable::file_id(std::uint32_t index) const {
  return load<Le32>(bytes_, value_offset(index));
}
format::DiskStream CheckedLinkTable::stream(std::uint32_t index) const {
  return load<format::DiskStream>(bytes_, value_offset(index));
}

// Returns nullopt if the name is invalid, which is reported.
std::optional<std::u16string> CheckedLinkTable::checked_name(std::uint32_t index) {
  const std::size_t start = name_offset(index);
  const auto is_outside = [&](std::size_t size) {
    return start < place_offset(count_) || !fits_within(start, size, bytes_.size());
  };
  if (is_outside(sizeof(Le16))) {
    findings_.add(Kind::kNamePlace, spot_.at(place_offset(index)),
                  fmt::format("name {} starts at byte {} of a table of {} bytes", index, start,
                              bytes_.size()));
    return std::nullopt;
  }
  const std::size_t units = load<Le16>(bytes_, start);
  if (units == 0 || units > kMaxNameUnits) {
    findings_.add(
        Kind::kNameLength, spot_.at(start),
        fmt::format("a name of {} UTF-16 units; it must have 1 to {}", units, kMaxNameUnits));
    return std::nullopt;
  }
  const std::size_t size = sizeof(Le16) + 2 * units;
  if (is_outside(size)) {
    findings_.add(Kind::kNamePlace, spot_.at(start),
                  fmt::format("name {} of {} UTF-16 units extends past its table", index, units));
    return std::nullopt;
  }
  if (size > names_left_) {
    findings_.add(Kind::kNameOverlap, spot_.at(start), "names in the table overlap");
    return std::nullopt;
  }
  names_left_ -= size;
  std::u16string checked = name(index);
  try {
    check_name(checked);
  } catch (const Error& error) {
    findings_.add(Kind::kNameImpossible, spot_.at(start),
                  fmt::format("name {}: {}", index, error.reason()));
    return std::nullopt;
  }
  return checked;
}

void CheckedLinkTable::check_order(std::uint32_t index, std::u16string_view before,
                                   std::u16string_view name, const format::UpcaseTable& upcase) {
  if (before.empty()) {
    return;
  }
  const auto order = compare(before, name, upcase);
  if (order == 0) {
    findings_.add(Kind::kNameTwice, spot_.at(name_offset(index)),
                  fmt::format("\"{}\" occurs twice", to_wtf8(name)));
  } else if (order > 0) {
    findings_.add(Kind::kNameOrder, spot_.at(name_offset(index)),
                  fmt::format("\"{}\" follows \"{}\"", to_wtf8(name), to_wtf8(before)));
  }
}

}  // namespace cim::image_check
