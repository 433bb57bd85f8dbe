// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include <cstdint>

#include <isa-l/igzip_lib.h>

#include "tar/gzip_inflate.h"

namespace cim::tar {
namespace {

std::string_view meaning(int result) {
  switch (result) {
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

// ISA-L's input pointer is not const, though it never changes the input.
std::uint8_t* input_pointer(ByteView bytes) {
  return const_cast<std::uint8_t*>(reinterpret_cast<const std::uint8_t*>(bytes.data()));
}

}  // namespace

struct GzipInflate::State {
  inflate_state isal;
};

GzipInflate::GzipInflate() : state_(std::make_unique<State>()) {
  isal_inflate_init(&state_->isal);
}

GzipInflate::~GzipInflate() = default;

void GzipInflate::begin_member() {
  isal_inflate_reset(&state_->isal);
  state_->isal.crc_flag = ISAL_GZIP;
}

GzipInflate::Outcome GzipInflate::inflate() {
  inflate_state& isal = state_->isal;
  isal.next_in = input_pointer(input);
  isal.avail_in = static_cast<std::uint32_t>(input.size());
  isal.next_out = reinterpret_cast<std::uint8_t*>(output.data());
  isal.avail_out = static_cast<std::uint32_t>(output.size());
  const int result = isal_inflate(&isal);
  input = input.last(isal.avail_in);
  output = output.last(isal.avail_out);
  if (result != ISAL_DECOMP_OK) {
    failure_ = meaning(result);
    return Outcome::kFailed;
  }
  return isal.block_state == ISAL_BLOCK_FINISH ? Outcome::kMemberEnded : Outcome::kGoesOn;
}

}  // namespace cim::tar
