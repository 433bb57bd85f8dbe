// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "tar/gzip_source.h"

#include <algorithm>
#include <span>

#include <fmt/format.h>
#include <isa-l/igzip_lib.h>

#include "cimlib/error.h"

namespace cim::tar {
namespace {

constexpr std::size_t kBufferSize = std::size_t{1024} * 1024;
constexpr std::uint8_t kFirstMagicByte = 0x1F;

std::string_view meaning(int result) {
  switch (result) {
    case ISAL_INVALID_WRAPPER:
      return "no gzip header where one is due";
    case ISAL_UNSUPPORTED_METHOD:
      return "a gzip member that is not deflated";
    case ISAL_INCORRECT_CHECKSUM:
      return "the unpacked bytes do not have the checksum or the length that gzip noted";
    default:
      return "the compressed data are damaged";
  }
}

// ISA-L takes input by a pointer to what it never changes.
std::uint8_t* input_pointer(ByteView bytes) {
  return const_cast<std::uint8_t*>(reinterpret_cast<const std::uint8_t*>(bytes.data()));
}

}  // namespace

GzipSource::GzipSource(std::unique_ptr<Source> packed)
    : Source(packed->name() + " (unpacked)"),
      packed_(std::move(packed)),
      inflate_(std::make_unique<inflate_state>()),
      buffers_(kBufferSize) {
  isal_inflate_init(inflate_.get());
  inflate_->next_in = nullptr;
  inflate_->avail_in = 0;
}

GzipSource::~GzipSource() = default;

ByteView GzipSource::next() {
  buffer_.reset();  // so that it can be taken again
  buffer_ = buffers_.take();
  inflate_->next_out = reinterpret_cast<std::uint8_t*>(buffer_->data());
  inflate_->avail_out = static_cast<std::uint32_t>(buffer_->size());
  while (inflate_->avail_out > 0 && state_ != State::kEnded) {
    if (state_ == State::kBetweenMembers) {
      begin_member();
    } else {
      inflate_some();
    }
  }
  return ByteView(*buffer_).first(buffer_->size() - inflate_->avail_out);
}

// Whether there is input, after getting more if all of it was used.
bool GzipSource::refill() {
  if (inflate_->avail_in == 0 && !input_ended_) {
    const ByteView run = packed_->next();
    input_ended_ = run.empty();
    packed_offset_ += run.size();
    inflate_->next_in = input_pointer(run);
    inflate_->avail_in = static_cast<std::uint32_t>(run.size());
  }
  return inflate_->avail_in > 0;
}

void GzipSource::begin_member() {
  if (!refill()) {
    state_ = State::kEnded;
  } else if (*inflate_->next_in != kFirstMagicByte) {
    check_padding();
    state_ = State::kEnded;
  } else {
    isal_inflate_reset(inflate_.get());
    inflate_->crc_flag = ISAL_GZIP;
    state_ = State::kInMember;
  }
}

void GzipSource::inflate_some() {
  const bool has_input = refill();
  const std::uint32_t room = inflate_->avail_out;
  const int result = isal_inflate(inflate_.get());
  if (result != ISAL_DECOMP_OK) {
    fail(std::string(meaning(result)));
  }
  if (inflate_->block_state == ISAL_BLOCK_FINISH) {
    state_ = State::kBetweenMembers;
  } else if (!has_input && inflate_->avail_out == room) {
    fail("the input ends inside the compressed data");
  }
}

// Tapes and block devices pad with zeros; anything else behind the data is not ours to ignore.
void GzipSource::check_padding() {
  while (refill()) {
    const std::span rest(inflate_->next_in, inflate_->avail_in);
    const auto odd = std::find_if(rest.begin(), rest.end(), [](auto byte) { return byte != 0; });
    inflate_->avail_in = static_cast<std::uint32_t>(rest.end() - odd);
    if (odd != rest.end()) {
      fail("behind the compressed data is neither another gzip member nor zeros alone");
    }
  }
}

void GzipSource::fail(std::string reason) const {
  throw Error(ErrorCode::kCorrupt, packed_->name(), std::move(reason),
              packed_offset_ - inflate_->avail_in);
}

}  // namespace cim::tar
