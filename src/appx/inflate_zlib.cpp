// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
// Where ISA-L is not available.
#include <new>

#include <zlib.h>

#include "appx/inflate.h"

namespace cim::appx {
namespace {

constexpr int kNoHeader = -MAX_WBITS;

// zlib's input pointer is not const, though it never changes the input.
Bytef* input_pointer(ByteView bytes) {
  return const_cast<Bytef*>(reinterpret_cast<const Bytef*>(bytes.data()));
}

}  // namespace

struct Inflate::State {
  z_stream zlib{};
  bool has_ended = false;

  State() {
    if (::inflateInit2(&zlib, kNoHeader) != Z_OK) {
      throw std::bad_alloc();
    }
  }
  State(const State&) = delete;
  State& operator=(const State&) = delete;
  ~State() { ::inflateEnd(&zlib); }
};

Inflate::Inflate() : state_(std::make_unique<State>()) {}

Inflate::~Inflate() = default;

bool Inflate::run() {
  z_stream& zlib = state_->zlib;
  zlib.next_in = input_pointer(input);
  zlib.avail_in = static_cast<uInt>(input.size());
  zlib.next_out = reinterpret_cast<Bytef*>(output.data());
  zlib.avail_out = static_cast<uInt>(output.size());
  const int result = ::inflate(&zlib, Z_NO_FLUSH);
  input = input.last(zlib.avail_in);
  output = output.last(zlib.avail_out);
  switch (result) {
    case Z_OK:
    case Z_BUF_ERROR:  // no progress possible with this input and output
      return true;
    case Z_STREAM_END:
      state_->has_ended = true;
      return true;
    case Z_MEM_ERROR:
      throw std::bad_alloc();
    default:
      return false;
  }
}

bool Inflate::has_ended() const noexcept {
  return state_->has_ended;
}

bool Inflate::has_surplus() const noexcept {
  return has_ended() && !input.empty();
}

std::uint32_t add_to_crc(std::uint32_t crc, ByteView bytes) {
  return static_cast<std::uint32_t>(
      ::crc32(crc, input_pointer(bytes), static_cast<uInt>(bytes.size())));
}

}  // namespace cim::appx
