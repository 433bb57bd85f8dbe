// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include <algorithm>
#include <compare>

#include <fmt/format.h>

#include "registry/read/tree_validator.h"

namespace cim::registry {

void TreeValidator::walk_values(std::uint32_t pointer, const KeyRecord& record, Longest& longest) {
  const std::uint32_t count = record.value_count;
  if (count == 0) {
    return;
  }
  const auto list = use_cell(record.value_list, pointer, "the list of values");
  if (!list) {
    return;
  }
  if (count > list->size() / sizeof(Le32)) {
    damage(pointer, fmt::format("{} values, but their list of {} bytes has room for {}", count,
                                list->size(), list->size() / sizeof(Le32)));
    return;
  }
  value_names_.clear();
  for (std::uint32_t i = 0; i < count; ++i) {
    const std::uint32_t value = load<Le32>(*list, 4 * std::size_t{i});
    const auto name = check_value(value, record.value_list, longest);
    if (name && wants_violations_) {
      value_names_.push_back(*name);
    }
  }
  check_duplicate_values(pointer, value_names_);
}

std::optional<Name> TreeValidator::check_value(std::uint32_t pointer, std::uint32_t from,
                                               Longest& longest) {
  const auto data = use_record<ValueRecord>(pointer, from, kValueSignature, "a value");
  if (!data) {
    return std::nullopt;
  }
  const auto record = load<ValueRecord>(*data, 0);
  if (!check_value_name(pointer, record, *data)) {
    return std::nullopt;
  }
  ++facts_.values;
  const ValueView view(space_, pointer);
  if ((record.flags & kValueTombstone) != 0) {
    facts_.has_layer_bits = true;
    if (!space_.layered) {
      find(Severity::kDeviation, pointer,
           "a deleted value in a hive that is not marked as layered");
    }
  }
  if (!view.is_tombstone()) {
    check_value_data(pointer, record);
  }
  const Name name = view.name();
  longest.value_name = std::max(longest.value_name, name.utf16_size());
  longest.value_data = std::max(longest.value_data, view.size());
  if (wants_deviations_ && !name.compressed() && !name.empty() && name.compressible()) {
    find(Severity::kDeviation, pointer, "a value's name is unnecessarily stored in UTF-16");
  }
  return name;
}

bool TreeValidator::check_value_name(std::uint32_t pointer, const ValueRecord& record,
                                     ByteView data) {
  const std::uint32_t size = record.name_size;
  if (size > data.size() - sizeof(ValueRecord)) {
    damage(pointer, fmt::format("a value's name of {} bytes in a cell with room for {}", size,
                                data.size() - sizeof(ValueRecord)));
    return false;
  }
  if ((record.flags & kValueCompressedName) == 0 && size % 2 != 0) {
    damage(pointer, fmt::format("a value's UTF-16 name with an odd size of {} bytes", size));
    return false;
  }
  return true;
}

void TreeValidator::check_value_data(std::uint32_t pointer, const ValueRecord& record) {
  const std::uint32_t size = record.data_size & ~kInlineData;
  if ((record.data_size & kInlineData) != 0) {
    if (size > kMaxInlineSize) {
      damage(pointer,
             fmt::format("{} bytes of data inside a value, which has room for only 4", size));
    }
    return;
  }
  if (size == 0) {
    find(Severity::kDeviation, pointer, "no data, but not marked as inside the value");
    return;
  }
  if (size <= kMaxInlineSize) {
    find(Severity::kDeviation, pointer, fmt::format("{} bytes of data outside the value", size));
  }
  if (is_big_data(size, space_.minor_version)) {
    check_big_data(pointer, record);
  } else {
    check_plain_data(pointer, record);
  }
}

void TreeValidator::check_plain_data(std::uint32_t pointer, const ValueRecord& record) {
  const auto data = use_cell(record.data, pointer, "the data of a value");
  if (data && record.data_size > data->size()) {
    damage(pointer, fmt::format("truncated value: {} bytes of data in a cell with room for {}",
                                std::uint32_t{record.data_size}, data->size()));
  }
}

void TreeValidator::check_big_data(std::uint32_t pointer, const ValueRecord& record) {
  const auto data =
      use_record<BigDataRecord>(record.data, pointer, kBigDataSignature, "the data of a big value");
  if (!data) {
    return;
  }
  const auto big = load<BigDataRecord>(*data, 0);
  const std::uint32_t size = record.data_size;
  const std::uint32_t count = size / kSegmentSize + (size % kSegmentSize != 0 ? 1 : 0);
  if (big.segment_count != count) {
    damage(record.data, fmt::format("big data of {} bytes in {} segments, expected {}", size,
                                    std::uint32_t{big.segment_count}, count));
    return;
  }
  const auto list = use_cell(big.segment_list, record.data, "the list of segments");
  if (!list) {
    return;
  }
  if (count > list->size() / sizeof(Le32)) {
    damage(big.segment_list, fmt::format("{} segments, but their list has room for {}", count,
                                         list->size() / sizeof(Le32)));
    return;
  }
  for (std::uint32_t i = 0; i < count; ++i) {
    check_segment(big.segment_list, load<Le32>(*list, 4 * std::size_t{i}),
                  std::min(kSegmentSize, size - i * kSegmentSize));
  }
}

void TreeValidator::check_segment(std::uint32_t list, std::uint32_t segment, std::uint32_t needed) {
  const auto data = use_cell(segment, list, "a segment of big data");
  if (!data) {
    return;
  }
  if (needed > data->size()) {
    damage(segment, fmt::format("truncated value: a segment of {} bytes, expected {}", data->size(),
                                needed));
  } else if (wants_deviations_ && data->size() < kSegmentCellDataSize) {
    find(Severity::kDeviation, segment,
         fmt::format("a segment's cell of {} bytes, where Windows writes {}", data->size(),
                     kSegmentCellDataSize));
  }
}

void TreeValidator::check_duplicate_values(std::uint32_t pointer, std::vector<Name>& names) {
  if (names.size() < 2) {
    return;
  }
  const auto before = [](const Name& a, const Name& b) { return std::is_lt(compare(a, b)); };
  const auto same = [](const Name& a, const Name& b) { return std::is_eq(compare(a, b)); };
  std::sort(names.begin(), names.end(), before);
  const auto twice = std::adjacent_find(names.begin(), names.end(), same);
  if (twice != names.end()) {
    find(Severity::kViolation, pointer,
         fmt::format("two values named '{}'; the first one is used", twice->to_wtf8()));
  }
}

}  // namespace cim::registry
