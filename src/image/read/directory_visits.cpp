// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "image/read/directory_visits.h"

#include <algorithm>

#include <fmt/format.h>

#include "cimlib/error.h"

#include "base/upcase.h"
#include "format/pe_image.h"

namespace cim {
namespace {

constexpr std::uint64_t kAlwaysAllowed = std::uint64_t{1} << 20;
constexpr std::uint64_t kTimesMetadata = 2;

// Windows does not load executables with more than 96 sections.
constexpr std::size_t kUsualExtents = 128;

}  // namespace

bool TableBudget::may_take(std::uint64_t bytes) {
  const std::uint64_t sum = taken_ + bytes;  // of tables, each smaller than a gibibyte
  if (sum > kAlwaysAllowed &&
      !image_.files().metadata_holds((sum - kAlwaysAllowed) / kTimesMetadata)) {
    return false;
  }
  taken_ = sum;
  return true;
}

void TableBudget::take(std::uint64_t bytes) {
  if (!may_take(bytes)) {
    throw Error(ErrorCode::kLimit, image_.path().string(),
                fmt::format("its directories and files share tables, which add up to more than {} "
                            "times its metadata",
                            kTimesMetadata));
  }
}

void TableBudget::take_map_of(const Stream& stream) {
  const std::size_t extents = stream.extents().size();
  if (extents > kUsualExtents) {
    take(extents * format::kPeMappingSize);
  }
}

std::shared_ptr<const format::LinkTable> DirectoryVisits::table(FileId directory) {
  stop_if_asked();
  if (!entered_.insert(directory).second) {
    throw Error(ErrorCode::kCorrupt, image_.path().string(),
                fmt::format("directory {} has a second name", directory));
  }
  auto table = image_.directory(directory, image_.record(directory));
  budget_.take(table->disk_size());
  return table;
}

// The image may have another table of upper case, or violate its own order.
DirectoryEntries DirectoryVisits::enter(FileId directory) {
  const auto names = table(directory);
  DirectoryEntries entries;
  entries.reserve(names->size());
  for (std::uint32_t i = 0; i < names->size(); ++i) {
    entries.push_back({names->name(i), names->file_id(i)});
  }
  std::ranges::sort(entries, [](const DirectoryEntry& a, const DirectoryEntry& b) {
    return compare_ignoring_case(a.name, b.name) < 0;
  });
  return entries;
}

void DirectoryVisits::stop_if_asked() const {
  if (stop_.stop_requested()) {
    throw Error(ErrorCode::kCancelled, image_.path().string(), "stopped");
  }
}

}  // namespace cim
