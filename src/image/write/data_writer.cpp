// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
// How a stream is stored depends on its first bytes: all zeros, an executable whose headers allow
// it to be laid out as mapped, or plain data. They are collected in head_ until that can be
// decided. A stream that begins with zeros is undecided as long as it consists of zeros.
#include "image/write/data_writer.h"

#include <algorithm>
#include <memory>
#include <utility>

namespace cim {
namespace {

bool starts_like_an_executable(ByteView bytes) {
  return as_text(bytes.first(2)) == "MZ";
}

}  // namespace

void DataWriter::start(std::uint64_t size, PeExpansion expansion) {
  state_ = State::kHead;
  expansion_ = expansion;
  size_ = size;
  written_ = 0;
  placed_ = 0;
  head_.clear();
}

// One page is enough to recognize an executable; for an executable all headers are needed.
std::size_t DataWriter::head_target() const noexcept {
  const bool wants_headers =
      expansion_ == PeExpansion::kExpand && head_.size() >= 2 && starts_like_an_executable(head_);
  return static_cast<std::size_t>(
      std::min<std::uint64_t>(size_, wants_headers ? kPeHeadSize : kPageSize));
}

void DataWriter::write(const SharedBytes& shared) {
  ByteView bytes = shared.bytes;
  written_ += bytes.size();
  while (state_ == State::kHead && !bytes.empty()) {
    const std::size_t piece = std::min(head_target() - head_.size(), bytes.size());
    append(head_, bytes.first(piece));
    bytes = bytes.subspan(piece);
    if (head_.size() == head_target() && size_ >= kPageSize) {
      decide();
    }
  }
  write_object({bytes, shared.owner});
}

void DataWriter::write_zeros(std::uint64_t count) {
  while (count > 0 && state_ == State::kHead) {
    const auto piece = static_cast<std::size_t>(std::min<std::uint64_t>(count, kMostZeros));
    write(zeros(piece));
    count -= piece;
  }
  written_ += count;
  place_zeros(count);
}

// Chooses how the stream is stored, once enough of its head is known.
void DataWriter::decide() {
  if (is_zero(head_)) {
    state_ = State::kZeros;
    placed_ = head_.size();
    return;
  }
  state_ = State::kPlain;
  if (expansion_ == PeExpansion::kExpand) {
    PeAnalysis analysis = analyze_pe(head_, size_);
    if (auto* const layout = std::get_if<PeLayout>(&analysis)) {
      layout_ = std::move(*layout);
      state_ = State::kPe;
    }
  }
  start_object(state_);
  write_object({head_, nullptr});
}

void DataWriter::start_object(State state) {
  state_ = state;
  next_mapping_ = 0;
  store_.start_object(state == State::kPe ? layout_.object_length : size_);
}

// A stream that starts with zeros gets its object at the first other byte; the zeros before it are
// then stored as a hole.
void DataWriter::write_object(const SharedBytes& bytes) {
  if (bytes.bytes.empty()) {
    return;
  }
  if (state_ == State::kZeros) {
    if (is_zero(bytes.bytes)) {
      placed_ += bytes.bytes.size();
      return;
    }
    const std::uint64_t zero_count = std::exchange(placed_, 0);
    start_object(State::kPlain);
    place_zeros(zero_count);
  }
  if (state_ == State::kPe) {
    write_pe(bytes);
  } else {
    write_plain(bytes);
  }
}

void DataWriter::write_plain(const SharedBytes& bytes) {
  store_.append_to_object(bytes);
  placed_ += bytes.bytes.size();
}

void DataWriter::place_zeros(std::uint64_t count) {
  if (state_ == State::kPe) {  // the layout splits them
    while (count > 0) {
      const auto piece = static_cast<std::size_t>(std::min<std::uint64_t>(count, kMostZeros));
      write_pe(zeros(piece));
      count -= piece;
    }
    return;
  }
  if (state_ == State::kPlain) {
    store_.append_zeros_to_object(count);
  }
  placed_ += count;
}

// Fills the object with zeros up to the offset at which a section is mapped.
void DataWriter::pad_object(std::uint64_t object_offset) {
  store_.append_zeros_to_object(object_offset - std::min(object_offset, store_.object_size()));
}

// File and object have the pieces in the same order, so the object only grows at its end.
void DataWriter::write_pe(SharedBytes bytes) {
  const auto& mappings = layout_.mappings;
  while (!bytes.bytes.empty()) {
    if (next_mapping_ < mappings.size() && placed_ == mappings[next_mapping_].file_offset) {
      pad_object(placed_ + mappings[next_mapping_].delta);
      ++next_mapping_;
    }
    const std::uint64_t piece_end =
        next_mapping_ < mappings.size() ? mappings[next_mapping_].file_offset : size_;
    const auto size =
        static_cast<std::size_t>(std::min<std::uint64_t>(bytes.bytes.size(), piece_end - placed_));
    write_plain(bytes.first(size));
    bytes.bytes = bytes.bytes.subspan(size);
  }
}

// Bytes that were not written are zeros. If none was written, the stream is sparse without looking
// at any.
format::Stream DataWriter::finish() {
  if (written_ == 0 && size_ > 0) {
    return {{}, size_, format::StreamType::kData, true};
  }
  if (size_ < kPageSize) {
    return finish_small();
  }
  if (state_ == State::kHead) {
    const std::size_t head_size = head_target();
    head_.resize(head_size);
    decide();
  }
  if (state_ == State::kZeros) {
    return {{}, size_, format::StreamType::kData, true};
  }
  place_zeros(size_ - placed_);
  return finish_object();
}

format::Stream DataWriter::finish_small() {
  if (size_ == 0) {
    // An empty stream has no object, but its offset must be valid.
    return {store_.offset(RegionType::kSmallData, format::kRegionHeaderSize), 0};
  }
  head_.resize(static_cast<std::size_t>(size_));
  const std::uint64_t found = store_.found_objects();
  return {counted(found, store_.add(RegionType::kSmallData, head_)), size_};
}

// Counts a stream whose object was found instead of stored.
format::RegionOffset DataWriter::counted(std::uint64_t found_before, format::RegionOffset place) {
  if (store_.found_objects() != found_before) {
    deduplicated_bytes_ += size_;
  }
  return place;
}

format::RegionOffset DataWriter::place_object() {
  const std::uint64_t found = store_.found_objects();
  return counted(found, store_.finish_object());
}

format::Stream DataWriter::finish_object() {
  if (state_ == State::kPlain) {
    return {place_object(), size_};
  }
  pad_object(layout_.object_length);
  format::PeImage image;
  image.data = place_object();
  image.data_length = size_;
  image.image_length = layout_.image_length;
  image.flags = format::PeImage::kValidImage;
  image.mappings = std::move(layout_.mappings);
  return {store_.add(RegionType::kMetadata, format::encode(image)), size_,
          format::StreamType::kPeImage};
}

}  // namespace cim
