// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
// Compresses and decompresses gzip with zlib, where ISA-L is not available.
#include <algorithm>
#include <limits>
#include <new>

#include <zlib.h>

#include "cimlib/error.h"

#include "tar/compression.h"
#include "tar/gzip_source.h"

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

constexpr std::size_t kBufferSize = std::size_t{512} * 1024;
constexpr int kGzip = 16 + MAX_WBITS;
constexpr int kMemoryLevel = 8;  // zlib's default

class GzipSink final : public Sink {
 public:
  explicit GzipSink(Sink& packed) : packed_(packed), output_(kBufferSize) {
    if (::deflateInit2(&stream_, Z_DEFAULT_COMPRESSION, Z_DEFLATED, kGzip, kMemoryLevel,
                       Z_DEFAULT_STRATEGY) != Z_OK) {
      throw std::bad_alloc();
    }
  }
  GzipSink(const GzipSink&) = delete;
  GzipSink& operator=(const GzipSink&) = delete;
  ~GzipSink() override { ::deflateEnd(&stream_); }

  void write(const SharedBytes& shared) override {
    ByteView bytes = shared.bytes;
    constexpr std::size_t kMost = std::numeric_limits<uInt>::max();
    while (!bytes.empty()) {
      const ByteView piece = bytes.first(std::min(bytes.size(), kMost));
      deflate(piece, Z_NO_FLUSH);
      bytes = bytes.subspan(piece.size());
    }
  }

  void finish() override {
    deflate({}, Z_FINISH);
    packed_.finish();
  }

 private:
  void deflate(ByteView piece, int flush) {
    stream_.next_in = input_pointer(piece);
    stream_.avail_in = static_cast<uInt>(piece.size());
    do {
      stream_.next_out = reinterpret_cast<Bytef*>(output_.data());
      stream_.avail_out = static_cast<uInt>(output_.size());
      if (::deflate(&stream_, flush) == Z_STREAM_ERROR) {
        throw Error(ErrorCode::kIo, "gzip", "cannot compress");
      }
      packed_.write({ByteView(output_).first(output_.size() - stream_.avail_out), nullptr});
    } while (stream_.avail_out == 0);
  }

  Sink& packed_;
  z_stream stream_{};
  Bytes output_;
};

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
      return Outcome::kContinues;
    case Z_STREAM_END:
      return Outcome::kMemberEnded;
    case Z_MEM_ERROR:
      throw std::bad_alloc();
    default:
      failure_ = meaning(zlib.msg);
      return Outcome::kFailed;
  }
}

std::unique_ptr<Sink> make_gzip_sink(Sink& packed) {
  return std::make_unique<GzipSink>(packed);
}

}  // namespace cim::tar
