// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "image/find/content_reader.h"

#include <algorithm>

#include <fmt/format.h>

#include "cimlib/error.h"

namespace cim {
namespace {

constexpr std::size_t kPieceSize = std::size_t{1} << 20;

}  // namespace

ContentPlace::ContentPlace(const format::Stream& stream) noexcept
    : data(stream.data.raw()),
      length(stream.length),
      kind(static_cast<std::uint16_t>(static_cast<unsigned>(stream.type) << 1U |
                                      static_cast<unsigned>(stream.sparse))) {}

ContentReader::ContentReader(const ImageReader& image, const FindOptions& options)
    : image_(image), options_(options), budget_(image), buffer_(kPieceSize) {
  if (options.hash) {
    hash_.emplace(*options.hash);
  }
  if (options.verifies) {
    verifier_.emplace(image);
  }
  for (const auto& series : options.contents) {
    searches_.emplace_back(series);
  }
}

void ContentReader::add(const format::Stream& stream) {
  jobs_.try_emplace(ContentPlace(stream), Job{stream, {}});
}

void ContentReader::read_all() {
  for (auto& [place, job] : jobs_) {
    try {
      read(job.stream, job.content);
    } catch (const Error& error) {
      if (error.code() == ErrorCode::kCancelled) {
        throw;
      }
      job.content = {.failure = error};
      if (hash_) {
        hash_->finish();  // starts anew
      }
    }
  }
}

void ContentReader::take_zeros(const Stream& opened) {
  const std::uint64_t before = zeros_;
  for (const Extent& extent : opened.extents()) {
    zeros_ += extent.region_offset == 0 ? extent.size : 0;  // at most 2^48, so the sum fits
  }
  if (zeros_ > options_.max_zeros) {
    zeros_ = before;
    throw Error(
        ErrorCode::kLimit, image_.path().string(),
        fmt::format("has more than {} bytes of zeros that the image does not store, together "
                    "with the files before",
                    options_.max_zeros));
  }
}

void ContentReader::read(const format::Stream& stream, Content& content) {
  const Stream opened = image_.open(stream);
  budget_.take_map_of(opened);
  take_zeros(opened);
  if (verifier_) {
    verifier_->verify(opened);
  }
  std::ranges::for_each(searches_, &SeriesSearch::restart);
  for (std::uint64_t at = 0; at < opened.size();) {
    const std::size_t size = opened.read(at, buffer_);
    const ByteView piece = ByteView(buffer_).first(size);
    if (hash_) {
      hash_->update(piece);
    }
    for (SeriesSearch& search : searches_) {
      content.is_found = content.is_found || search.add(piece);
    }
    if (content.is_found && !hash_) {
      break;
    }
    at += size;
    report(size);
  }
  if (hash_) {
    content.digest = hash_->finish();
  }
}

void ContentReader::report(std::uint64_t bytes) {
  if (options_.stop.stop_requested()) {
    throw Error(ErrorCode::kCancelled, image_.path().string(), "the search was cancelled");
  }
  progress_.bytes_done += bytes;
  if (options_.progress) {
    options_.progress(progress_);
  }
}

const Content& ContentReader::content_of(const format::Stream& stream) const {
  return jobs_.at(ContentPlace(stream)).content;
}

}  // namespace cim
