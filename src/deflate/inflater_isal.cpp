// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
// ISA-L uses the vector instructions of the processor. isal_inflate() would read the headers of
// gzip members as well, but forgets between calls which fields a header has; input may end in any
// of them.
#include <isa-l/crc.h>
#include <isa-l/igzip_lib.h>

#include "deflate/inflater.h"

namespace cim::deflate {
namespace {

// ISA-L's input pointer is not const, though it never changes the input.
std::uint8_t* input_pointer(ByteView bytes) {
  return const_cast<std::uint8_t*>(reinterpret_cast<const std::uint8_t*>(bytes.data()));
}

// Returns the reason of a failure; empty if there was none.
std::string_view meaning(int result) {
  switch (result) {
    case ISAL_DECOMP_OK:
    case ISAL_END_INPUT:
      return {};
    case ISAL_INVALID_WRAPPER:
      return "expected a gzip header";
    case ISAL_UNSUPPORTED_METHOD:
      return "a gzip member with an unknown compression method";
    case ISAL_INCORRECT_CHECKSUM:
      return "the checksum or length of the unpacked data is wrong";
    default:
      return "the compressed data is damaged";
  }
}

}  // namespace

struct Inflater::State {
  inflate_state isal;
  Framing framing;
  isal_gzip_header header;
  bool is_in_header;

  void begin() {
    header = {};
    is_in_header = framing == Framing::kGzip;
  }

  // Reads what the input has of the header; returns the reason of a failure.
  std::string_view read_header() {
    const int result = isal_read_gzip_header(&isal, &header);
    is_in_header = result == ISAL_END_INPUT;
    return result == ISAL_INCORRECT_CHECKSUM ? "the checksum of a gzip header is wrong"
                                             : meaning(result);
  }
};

// Most entries of archives are small, so the state, of 80 KB, is not cleared.
Inflater::Inflater(Framing framing) : state_(std::make_unique_for_overwrite<State>()) {
  isal_inflate_init(&state_->isal);
  state_->isal.crc_flag = framing == Framing::kGzip ? ISAL_GZIP_NO_HDR_VER : ISAL_DEFLATE;
  state_->framing = framing;
  state_->begin();
}

Inflater::~Inflater() = default;

bool Inflater::run() {
  inflate_state& isal = state_->isal;
  isal.next_in = input_pointer(input);
  isal.avail_in = static_cast<std::uint32_t>(input.size());
  isal.next_out = reinterpret_cast<std::uint8_t*>(output.data());
  isal.avail_out = static_cast<std::uint32_t>(output.size());
  failure_ = state_->is_in_header ? state_->read_header() : std::string_view();
  if (failure_.empty() && !state_->is_in_header) {
    failure_ = meaning(isal_inflate(&isal));
  }
  input = input.last(isal.avail_in);
  output = output.last(isal.avail_out);
  return failure_.empty();
}

bool Inflater::has_ended() const noexcept {
  return state_->isal.block_state == ISAL_BLOCK_FINISH;
}

bool Inflater::has_surplus() const noexcept {
  // ISA-L may have read some bytes ahead.
  return has_ended() && (!input.empty() || state_->isal.read_in_length >= 8);
}

void Inflater::restart() {
  isal_inflate_reset(&state_->isal);
  state_->begin();
}

std::uint32_t add_to_crc(std::uint32_t crc, ByteView bytes) {
  return crc32_gzip_refl(crc, input_pointer(bytes), bytes.size());
}

}  // namespace cim::deflate
