// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include <isa-l/crc.h>
#include <isa-l/igzip_lib.h>

#include "appx/inflate.h"

namespace cim::appx {
namespace {

// ISA-L's input pointer is not const, though it never changes the input.
std::uint8_t* input_pointer(ByteView bytes) {
  return const_cast<std::uint8_t*>(reinterpret_cast<const std::uint8_t*>(bytes.data()));
}

}  // namespace

struct Inflate::State {
  inflate_state isal;
};

// Most entries are small, so the state, of 80 KB, is not cleared.
Inflate::Inflate() : state_(std::make_unique_for_overwrite<State>()) {
  isal_inflate_init(&state_->isal);
  state_->isal.crc_flag = ISAL_DEFLATE;
}

Inflate::~Inflate() = default;

bool Inflate::run() {
  inflate_state& isal = state_->isal;
  isal.next_in = input_pointer(input);
  isal.avail_in = static_cast<std::uint32_t>(input.size());
  isal.next_out = reinterpret_cast<std::uint8_t*>(output.data());
  isal.avail_out = static_cast<std::uint32_t>(output.size());
  const int result = isal_inflate(&isal);
  input = input.last(isal.avail_in);
  output = output.last(isal.avail_out);
  return result == ISAL_DECOMP_OK;
}

bool Inflate::has_ended() const noexcept {
  return state_->isal.block_state == ISAL_BLOCK_FINISH;
}

bool Inflate::has_surplus() const noexcept {
  // ISA-L may have read some bytes ahead.
  return has_ended() && (!input.empty() || state_->isal.read_in_length >= 8);
}

std::uint32_t add_to_crc(std::uint32_t crc, ByteView bytes) {
  return crc32_gzip_refl(crc, input_pointer(bytes), bytes.size());
}

}  // namespace cim::appx
