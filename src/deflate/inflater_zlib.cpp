// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
// Where ISA-L is not available.
#include <new>

#include <zlib.h>

#include "deflate/inflater.h"

namespace cim::deflate {
namespace {

constexpr int kRawData = -MAX_WBITS;
constexpr int kGzipOnly = 16 + MAX_WBITS;

// zlib's input pointer is not const, though it never changes the input.
Bytef* input_pointer(ByteView bytes) {
  return const_cast<Bytef*>(reinterpret_cast<const Bytef*>(bytes.data()));
}

// Replaces zlib's messages by clearer ones.
std::string_view meaning(const char* message) {
  const std::string_view text = message == nullptr ? "" : message;
  if (text == "incorrect header check") {
    return "expected a gzip header";
  }
  if (text == "header crc mismatch") {
    return "the checksum of a gzip header is wrong";
  }
  if (text == "unknown compression method") {
    return "a gzip member with an unknown compression method";
  }
  if (text == "incorrect data check" || text == "incorrect length check") {
    return "the checksum or length of the unpacked data is wrong";
  }
  return "the compressed data is damaged";
}

}  // namespace

struct Inflater::State {
  z_stream zlib{};
  bool has_ended = false;

  explicit State(int window_bits) {
    if (::inflateInit2(&zlib, window_bits) != Z_OK) {
      throw std::bad_alloc();
    }
  }
  State(const State&) = delete;
  State& operator=(const State&) = delete;
  ~State() { ::inflateEnd(&zlib); }
};

Inflater::Inflater(Framing framing)
    : state_(std::make_unique<State>(framing == Framing::kGzip ? kGzipOnly : kRawData)) {}

Inflater::~Inflater() = default;

bool Inflater::run() {
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
      failure_ = meaning(zlib.msg);
      return false;
  }
}

bool Inflater::has_ended() const noexcept {
  return state_->has_ended;
}

bool Inflater::has_surplus() const noexcept {
  return has_ended() && !input.empty();
}

void Inflater::restart() {
  ::inflateReset(&state_->zlib);
  state_->has_ended = false;
}

std::uint32_t add_to_crc(std::uint32_t crc, ByteView bytes) {
  return static_cast<std::uint32_t>(
      ::crc32(crc, input_pointer(bytes), static_cast<uInt>(bytes.size())));
}

}  // namespace cim::deflate
