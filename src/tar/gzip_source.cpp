// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
// A gzip stream is a sequence of members, each with a checksum and a length (RFC 1952,
// section 2.2). Every member is unpacked, as by gzip itself: a reader that stops after the first
// would see another layer.
#include "tar/gzip_source.h"

#include <algorithm>

#include "cimlib/error.h"

namespace cim::tar {
namespace {

constexpr std::size_t kBufferSize = std::size_t{512} * 1024;
constexpr std::byte kFirstMagicByte{0x1F};

}  // namespace

GzipSource::GzipSource(std::unique_ptr<Source> packed)
    : Source(packed->name() + " (unpacked)"), packed_(std::move(packed)), buffers_(kBufferSize) {}

// Returns full buffers except at the end, so that a run may span members.
ByteView GzipSource::next() {
  buffer_.reset();  // so that the pool can reuse it
  buffer_ = buffers_.take();
  inflater_.output = *buffer_;
  while (!inflater_.output.empty() && state_ != State::kEnded) {
    if (state_ == State::kBetweenMembers) {
      begin_member();
    } else {
      inflate_some();
    }
  }
  return ByteView(*buffer_).first(buffer_->size() - inflater_.output.size());
}

// Returns true if there is input, after fetching more if all of it was used.
bool GzipSource::refill() {
  if (inflater_.input.empty() && !input_ended_) {
    inflater_.input = packed_->next();
    input_ended_ = inflater_.input.empty();
    packed_offset_ += inflater_.input.size();
  }
  return !inflater_.input.empty();
}

void GzipSource::begin_member() {
  if (!refill()) {
    state_ = State::kEnded;
  } else if (inflater_.input.front() != kFirstMagicByte) {
    check_padding();
    state_ = State::kEnded;
  } else {
    inflater_.restart();
    state_ = State::kInMember;
  }
}

void GzipSource::inflate_some() {
  // Without input, the engine may still have output to deliver. If it has none, the stream is
  // truncated.
  const bool has_input = refill();
  const std::size_t room = inflater_.output.size();
  if (!inflater_.run()) {
    fail(std::string(inflater_.failure()));
  }
  if (inflater_.has_ended()) {
    state_ = State::kBetweenMembers;
  } else if (!has_input && inflater_.output.size() == room) {
    fail("the compressed data is truncated");
  }
}

// Tapes and block devices pad with zeros; anything else after the data must not be ignored.
void GzipSource::check_padding() {
  while (refill()) {
    const ByteView rest = inflater_.input;
    const auto odd =
        std::ranges::find_if(rest, [](std::byte byte) { return byte != std::byte{0}; });
    inflater_.input = rest.last(static_cast<std::size_t>(rest.end() - odd));
    if (odd != rest.end()) {
      fail("the compressed data is followed by something other than another gzip member or zeros");
    }
  }
}

void GzipSource::fail(std::string reason) const {
  throw Error(ErrorCode::kCorrupt, packed_->name(), std::move(reason),
              packed_offset_ - inflater_.input.size());
}

}  // namespace cim::tar
