// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "layer/sparse_staging.h"

#include <algorithm>
#include <system_error>
#include <utility>

#include "os/host_path.h"

namespace cim::layer {
namespace {

constexpr std::size_t kStagingPiece = std::size_t{1} << 20;

}  // namespace

void SparseStaging::clear() noexcept {
  ranges_.clear();
  data_size_ = 0;
  end_ = 0;
}

// Blocks that follow each other are one range.
bool SparseStaging::start_range(std::uint64_t offset, std::uint64_t size, std::uint64_t record) {
  if (size == 0) {
    return true;
  }
  if (!ranges_.empty() && ranges_.back().offset + ranges_.back().size == offset) {
    ranges_.back().size += size;
  } else if (ranges_.size() == kMaxRanges) {
    return false;
  } else {
    ranges_.push_back({.offset = offset, .size = size, .place = data_size_, .record = record});
  }
  data_size_ += size;
  return true;
}

void SparseStaging::append(ByteView bytes) {
  if (file_.descriptor() < 0) {
    file_ = File::create_new(temporary_name(image_));
  }
  file_.write_at(end_, bytes);
  end_ += bytes.size();
}

std::optional<std::uint64_t> SparseStaging::sort() {
  std::ranges::sort(ranges_, {}, &Range::offset);
  const auto overlap = std::ranges::adjacent_find(
      ranges_, [](const Range& a, const Range& b) { return a.offset + a.size > b.offset; });
  if (overlap == ranges_.end()) {
    return std::nullopt;
  }
  return std::max(overlap->record, std::next(overlap)->record);
}

void SparseStaging::copy_to(LayerWriter& writer, std::uint64_t length) const {
  Bytes piece(static_cast<std::size_t>(std::min<std::uint64_t>(kStagingPiece, data_size_)));
  std::uint64_t position = 0;
  for (const Range& range : ranges_) {
    writer.write_zeros(range.offset - position);
    for (std::uint64_t done = 0; done < range.size;) {
      const auto size =
          static_cast<std::size_t>(std::min<std::uint64_t>(piece.size(), range.size - done));
      const auto into = std::span(piece).first(size);
      file_.read_at(range.place + done, into);
      writer.write(into);
      done += size;
    }
    position = range.offset + range.size;
  }
  writer.write_zeros(length - position);
}

void SparseStaging::remove() noexcept {
  if (file_.descriptor() < 0) {
    return;
  }
  const std::filesystem::path path = file_.path();
  file_ = File();  // Windows removes no file that is open
  std::error_code ignored;
  std::filesystem::remove(path, ignored);
}

}  // namespace cim::layer
