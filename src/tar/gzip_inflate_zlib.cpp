// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include <new>

#include <zlib.h>

#include "tar/gzip_inflate.h"

namespace cim::tar {
namespace {

constexpr int kGzipOnly = 16 + MAX_WBITS;

// Replaces zlib's messages by clearer ones.
std::string_view meaning(const char* message) {
  const std::string_view text = message == nullptr ? "" : message;
  if (text == "incorrect header check") {
    return "expected a gzip header";
  }
  if (text == "unknown compression method") {
    return "a gzip member with an unknown compression method";
  }
  if (text == "incorrect data check" || text == "incorrect length check") {
    return "the checksum or length of the unpacked data is wrong";
  }
  return "the compressed data is damaged";
}

// zlib's input pointer is not const, though it never changes the input.
Bytef* input_pointer(ByteView bytes) {
  return const_cast<Bytef*>(reinterpret_cast<const Bytef*>(bytes.data()));
}

}  // namespace

struct GzipInflate::State {
  z_stream zlib{};

  State() {
    if (::inflateInit2(&zlib, kGzipOnly) != Z_OK) {
      throw std::bad_alloc();
    }
  }
  State(const State&) = delete;
  State& operator=(const State&) = delete;
  ~State() { ::inflateEnd(&zlib); }
};

GzipInflate::GzipInflate() : state_(std::make_unique<State>()) {}

GzipInflate::~GzipInflate() = default;

void GzipInflate::begin_member() {
  ::inflateReset(&state_->zlib);
}

GzipInflate::Outcome GzipInflate::inflate() {
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
      return Outcome::kGoesOn;
    case Z_STREAM_END:
      return Outcome::kMemberEnded;
    case Z_MEM_ERROR:
      throw std::bad_alloc();
    default:
      failure_ = meaning(zlib.msg);
      return Outcome::kFailed;
  }
}

}  // namespace cim::tar
