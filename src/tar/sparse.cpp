// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
// The map of a sparse file in GNU tar's four forms. All of them lead to the same checks in
// SparseMap: ranges in order, within the file, and together as large as the stored data.
#include "tar/sparse.h"

#include <algorithm>
#include <array>
#include <bit>
#include <optional>
#include <span>

#include "base/checked_math.h"

namespace cim::tar {
namespace {

constexpr std::string_view kCutOff = "a truncated map";
constexpr std::string_view kBadNumber = "an invalid number in its map";
constexpr std::string_view kTooMany = "a map of more than 1048576 ranges";

std::string_view text_of_field(const Field<12>& field) {
  return {field.data(), field.size()};
}

// As in GNU tar, an entry with an empty offset ends a table.
std::string_view add_fields(std::span<const GnuSparseField> fields, SparseMap& map) {
  for (const GnuSparseField& field : fields) {
    if (field.offset.front() == '\0') {
      break;
    }
    const auto offset = parse_number(text_of_field(field.offset));
    const auto size = parse_number(text_of_field(field.size));
    if (!offset || !size || *offset < 0 || *size < 0) {
      return kBadNumber;
    }
    const std::string_view problem =
        map.add(static_cast<std::uint64_t>(*offset), static_cast<std::uint64_t>(*size));
    if (!problem.empty()) {
      return problem;
    }
  }
  return {};
}

// Reads decimal numbers, each followed by a newline, from blocks.
class BlockNumbers {
 public:
  BlockNumbers(Cursor& cursor, std::uint64_t& stored_size)
      : cursor_(cursor), stored_size_(stored_size) {}

  // Returns the next number; nullopt if there is none, and problem() says why.
  std::optional<std::uint64_t> next() {
    std::array<char, 20> digits{};
    std::size_t count = 0;
    for (std::optional<char> c = next_character(); c; c = next_character()) {
      if (*c == '\n') {
        const auto number = parse_decimal({digits.data(), count});
        problem_ = number ? std::string_view() : kBadNumber;
        return number;
      }
      if (count == digits.size()) {
        problem_ = kBadNumber;
        return std::nullopt;
      }
      digits.at(count++) = *c;
    }
    problem_ = kCutOff;
    return std::nullopt;
  }

  std::string_view problem() const { return problem_; }

 private:
  std::optional<char> next_character() {
    if (at_ == block_.size()) {
      if (stored_size_ < block_.size() ||
          cursor_.read(std::as_writable_bytes(std::span(block_))) < block_.size()) {
        return std::nullopt;
      }
      stored_size_ -= block_.size();
      at_ = 0;
    }
    return block_.at(at_++);
  }

  Cursor& cursor_;
  std::uint64_t& stored_size_;
  std::array<char, kBlockSize> block_{};
  std::size_t at_ = kBlockSize;
  std::string_view problem_;
};

// Removes one number from a comma-separated list; nullopt if it does not start with one.
std::optional<std::uint64_t> take_from_list(std::string_view& list) {
  const std::size_t comma = std::min(list.find(','), list.size());
  const auto number = parse_decimal(list.substr(0, comma));
  list.remove_prefix(std::min(comma + 1, list.size()));
  return number;
}

// Adds the pairs of form 0.1; none if the list is empty.
std::string_view add_list(std::string_view list, SparseMap& map, std::uint64_t& count) {
  while (!list.empty()) {
    const auto offset = take_from_list(list);
    const auto size = take_from_list(list);
    if (!offset || !size) {
      return kBadNumber;
    }
    if (const std::string_view problem = map.add(*offset, *size); !problem.empty()) {
      return problem;
    }
    ++count;
  }
  return {};
}

// Adds the records of form 0.0, which come in pairs.
std::string_view add_pairs(std::span<const PaxRecord> records, SparseMap& map,
                           std::uint64_t& count) {
  std::optional<std::uint64_t> offset;
  for (const auto& [key, value] : records) {
    if (key != "GNU.sparse.offset" && key != "GNU.sparse.numbytes") {
      continue;
    }
    const auto number = parse_decimal(value);
    if (!number || (key == "GNU.sparse.offset") == offset.has_value()) {
      return number ? "unpaired records in its map" : kBadNumber;
    }
    if (!offset) {
      offset = number;
      continue;
    }
    if (const std::string_view problem = map.add(*offset, *number); !problem.empty()) {
      return problem;
    }
    offset.reset();
    ++count;
  }
  return offset ? "unpaired records in its map" : std::string_view();
}

}  // namespace

void SparseMap::clear() noexcept {
  ranges_.clear();
  data_size_ = 0;
  file_size_ = 0;
  position_ = 0;
  range_ = 0;
}

// While ranges are added, file_size_ is the end of the last one.
std::string_view SparseMap::add(std::uint64_t offset, std::uint64_t size) {
  const auto end = checked_add(offset, size);
  if (!end) {
    return kBadNumber;
  }
  if (offset < file_size_) {
    return "ranges of data that overlap or are out of order";
  }
  file_size_ = *end;  // the end of the ranges so far
  if (size == 0) {
    return {};  // marks the end of the file
  }
  if (ranges_.size() == kMaxDataRanges) {
    return kTooMany;
  }
  ranges_.push_back({offset, *end});
  data_size_ += size;  // at most the end of the last range
  return {};
}

std::string_view SparseMap::finish(std::uint64_t file_size, std::uint64_t stored_size) {
  if (file_size > std::uint64_t{std::numeric_limits<std::int64_t>::max()}) {
    return "a size that exceeds 63 bits";
  }
  if (file_size_ > file_size) {
    return "data past its end";
  }
  if (data_size_ != stored_size) {
    return "an amount of data that differs from its map";
  }
  file_size_ = file_size;
  return {};
}

std::uint64_t SparseMap::hole_left() const noexcept {
  const std::uint64_t end = range_ < ranges_.size() ? ranges_[range_].offset : file_size_;
  return end > position_ ? end - position_ : 0;
}

std::uint64_t SparseMap::data_left() const noexcept {
  const bool is_in_data = range_ < ranges_.size() && position_ >= ranges_[range_].offset;
  return is_in_data ? ranges_[range_].end - position_ : 0;
}

void SparseMap::advance(std::uint64_t size) noexcept {
  position_ += size;
  if (range_ < ranges_.size() && position_ == ranges_[range_].end) {
    ++range_;
  }
}

// The header has room for four ranges; blocks with more follow it.
std::string_view read_gnu_map(const HeaderBlock& block, Cursor& cursor, SparseMap& map,
                              std::uint64_t& file_size) {
  const auto tail = std::bit_cast<GnuTail>(block.last);
  const auto size = parse_number(text_of_field(tail.real_size));
  if (!is_gnu(block) || !size || *size < 0) {
    return is_gnu(block) ? kBadNumber : "a map, but its header is not in the GNU format";
  }
  file_size = static_cast<std::uint64_t>(*size);
  std::string_view problem = add_fields(tail.sparse, map);
  bool has_more = tail.is_extended != '\0';
  while (problem.empty() && has_more) {
    GnuSparseBlock more{};
    if (cursor.read(std::as_writable_bytes(std::span(&more, 1))) < sizeof more) {
      return kCutOff;
    }
    problem = add_fields(more.sparse, map);
    has_more = more.is_extended != '\0';
  }
  return problem;
}

std::string_view read_pax_map(const PaxRecords& records, SparseMap& map) {
  std::uint64_t count = 0;
  const auto list = records.find("GNU.sparse.map");
  const std::string_view problem =
      list ? add_list(*list, map, count) : add_pairs(records.all(), map, count);
  if (!problem.empty()) {
    return problem;
  }
  const auto text = records.find("GNU.sparse.numblocks");
  return text && parse_decimal(*text) == count ? std::string_view() : "a map of the wrong length";
}

// The count of ranges comes first. A count that exceeds the numbers that follow ends with kCutOff,
// so no memory is reserved for it.
std::string_view read_text_map(Cursor& cursor, SparseMap& map, std::uint64_t& stored_size) {
  BlockNumbers numbers(cursor, stored_size);
  const auto count = numbers.next();
  if (count && *count > kMaxDataRanges) {
    return kTooMany;
  }
  for (std::uint64_t i = 0; count && i < *count; ++i) {
    const auto offset = numbers.next();
    const auto size = offset ? numbers.next() : std::nullopt;
    if (!size) {
      break;
    }
    if (const std::string_view problem = map.add(*offset, *size); !problem.empty()) {
      return problem;
    }
  }
  return numbers.problem();
}

}  // namespace cim::tar
