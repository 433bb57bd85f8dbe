// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "image/diff/diff_file.h"

#include <algorithm>
#include <span>

#include "base/upcase.h"

namespace cim {
namespace {

constexpr std::size_t kReadSize = std::size_t{1} << 20;

// Objects of at least this size are compared once, even if many files share them.
constexpr std::uint64_t kComparedOnce = std::uint64_t{64} << 10;

using RegionNumbers = std::map<std::pair<Guid, unsigned>, std::uint32_t>;

std::vector<std::uint32_t> number_regions(const ImageReader& image, RegionNumbers& numbers) {
  std::vector<std::uint32_t> regions;
  for (const RegionSet& set : image.region_sets()) {
    for (unsigned i = 0; i < set.region_count; ++i) {
      const auto next = static_cast<std::uint32_t>(numbers.size());
      regions.push_back(numbers.try_emplace({set.guid, i}, next).first->second);
    }
  }
  return regions;
}

std::uint32_t field_if(bool differs, std::uint32_t field) {
  return differs ? field : 0;
}

// A table that can be read may still be out of order.
std::vector<std::pair<std::u16string, format::Stream>> sorted(const format::LinkTable& table) {
  std::vector<std::pair<std::u16string, format::Stream>> streams;
  streams.reserve(table.size());
  for (std::uint32_t i = 0; i < table.size(); ++i) {
    streams.emplace_back(table.name(i), table.stream(i));
  }
  std::ranges::sort(streams, [](const auto& a, const auto& b) {
    return compare_ignoring_case(a.first, b.first) < 0;
  });
  return streams;
}

}  // namespace

FileComparison::FileComparison(const ImageReader& before, const ImageReader& after)
    : before_(before),
      after_(after),
      budget_before_(before),
      budget_after_(after),
      buffer_before_(kReadSize),
      buffer_after_(kReadSize) {
  RegionNumbers numbers;
  regions_before_ = number_regions(before, numbers);
  regions_after_ = number_regions(after, numbers);
  const auto& a = before.region_sets();
  const auto& b = after.region_sets();
  for (std::size_t i = 0; i < std::min(a.size(), b.size()); ++i) {
    if (a[i].guid != b[i].guid || a[i].region_count != b[i].region_count) {
      break;
    }
    shared_regions_ += a[i].region_count;
  }
}

bool FileComparison::is_same_place(format::RegionOffset before, format::RegionOffset after) const {
  if (before.is_absent() || after.is_absent()) {
    return before.is_absent() && after.is_absent();
  }
  return before.byte_offset() == after.byte_offset() && before.region() < regions_before_.size() &&
         after.region() < regions_after_.size() &&
         regions_before_[before.region()] == regions_after_[after.region()];
}

// A record refers to regions by index. The indexes of the set in which it was written, and of
// earlier sets, mean the same in both images if all sets up to that one are the same.
bool FileComparison::is_same_record(FileId before, FileId after) const {
  const std::size_t table = (before - 1) / format::kFilesPerTable;
  if (before != after || table >= before_.file_tables().size() ||
      table >= after_.file_tables().size()) {
    return false;
  }
  const format::FileTable& a = before_.file_tables()[table];
  const format::FileTable& b = after_.file_tables()[table];
  return a.records == b.records && a.record_size == b.record_size &&
         a.records.region() < shared_regions_;
}

template <typename Compare>
bool FileComparison::is_known_same(const std::array<std::uint64_t, 4>& objects,
                                   const Compare& compare) {
  const auto known = known_.find(objects);
  return known != known_.end() ? known->second : known_.emplace(objects, compare()).first->second;
}

std::uint32_t FileComparison::compare(FileId before, FileId after,
                                      std::vector<std::u16string>& streams) {
  const auto a = before_.record(before);
  const auto b = after_.record(after);
  std::uint32_t fields = field_if(a.is_directory() != b.is_directory(), field::kType) |
                         field_if(a.flags != b.flags, field::kAttributes) |
                         field_if(a.times != b.times, field::kTimes) | compare_objects(a, b);
  if (!a.is_directory() && !b.is_directory()) {
    fields |= field_if(!has_same_bytes(a.stream, b.stream), field::kData);
  }
  compare_streams(a, b, streams);
  return fields | field_if(!streams.empty(), field::kStreams);
}

std::uint32_t FileComparison::compare_objects(const format::FileRecord& before,
                                              const format::FileRecord& after) {
  const bool has_other_descriptor =
      !is_same_place(before.security_descriptor, after.security_descriptor) &&
      !is_known_same({before.security_descriptor.raw(), after.security_descriptor.raw()}, [&] {
        return before_.security_descriptor(before) == after_.security_descriptor(after);
      });
  const bool has_other_attributes =
      (before.ea_length != after.ea_length ||
       !is_same_place(before.extended_attributes, after.extended_attributes)) &&
      before_.extended_attributes(before) != after_.extended_attributes(after);
  const bool has_other_reparse_data = before.reparse_tag != after.reparse_tag ||
                                      (!is_same_place(before.reparse_data, after.reparse_data) &&
                                       before_.reparse_data(before) != after_.reparse_data(after));
  return field_if(has_other_descriptor, field::kSecurity) |
         field_if(has_other_attributes, field::kExtendedAttributes) |
         field_if(has_other_reparse_data, field::kReparse);
}

// Extents are compared by the number of their region, because the same file has different indexes
// in two images.
bool FileComparison::has_same_extents(const Stream& before, const Stream& after) const {
  return std::ranges::equal(
      before.extents(), after.extents(), [this](const Extent& a, const Extent& b) {
        const bool is_hole = a.region_offset == 0 && b.region_offset == 0;
        return a.stream_offset == b.stream_offset && a.size == b.size &&
               (is_hole || (a.region_offset == b.region_offset &&
                            regions_before_[a.region] == regions_after_[b.region]));
      });
}

bool FileComparison::has_same_bytes(const format::Stream& before, const format::Stream& after) {
  if (before.length != after.length) {
    return false;
  }
  const Stream a = before_.open(before);
  const Stream b = after_.open(after);
  budget_before_.take_map_of(a);
  budget_after_.take_map_of(b);
  if (has_same_extents(a, b)) {
    return true;
  }
  if (a.size() < kComparedOnce) {
    return read_and_compare(a, b);
  }
  const std::uint64_t kinds =
      static_cast<std::uint64_t>(before.type) << 8U | static_cast<std::uint64_t>(after.type);
  return is_known_same({before.data.raw(), after.data.raw(), before.length, kinds},
                       [&] { return read_and_compare(a, b); });
}

bool FileComparison::read_and_compare(const Stream& a, const Stream& b) {
  for (std::uint64_t done = 0; done < a.size();) {
    const std::size_t got = a.read(done, buffer_before_);
    const std::size_t got_too = b.read(done, buffer_after_);
    compared_bytes_ += got;
    if (got != got_too || got == 0 ||
        !equal(std::span(buffer_before_).first(got), std::span(buffer_after_).first(got))) {
      return false;
    }
    done += got;
  }
  return true;
}

// Merges two sorted lists; a name that only one of them has, or whose case or bytes differ, is
// reported.
void FileComparison::compare_streams(const format::FileRecord& before,
                                     const format::FileRecord& after,
                                     std::vector<std::u16string>& streams) {
  if (before.streams.is_absent() && after.streams.is_absent()) {
    return;
  }
  const auto table_before = before_.stream_table(before);
  const auto table_after = after_.stream_table(after);
  budget_before_.take(table_before->disk_size());
  budget_after_.take(table_after->disk_size());
  const auto left = sorted(*table_before);
  const auto right = sorted(*table_after);
  auto a = left.begin();
  auto b = right.begin();
  while (a != left.end() || b != right.end()) {
    const auto order = a == left.end()    ? std::strong_ordering::greater
                       : b == right.end() ? std::strong_ordering::less
                                          : compare_ignoring_case(a->first, b->first);
    if (order < 0) {
      streams.push_back((a++)->first);
    } else if (order > 0) {
      streams.push_back((b++)->first);
    } else {
      if (a->first != b->first || !has_same_bytes(a->second, b->second)) {
        streams.push_back(b->first);
      }
      ++a;
      ++b;
    }
  }
}

}  // namespace cim
