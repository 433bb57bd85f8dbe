// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
// Compresses to gzip with zlib, where ISA-L is not available.
#include <algorithm>
#include <limits>
#include <new>

#include <zlib.h>

#include "cimlib/error.h"

#include "tar/compression.h"

namespace cim::tar {
namespace {

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

std::unique_ptr<Sink> make_gzip_sink(Sink& packed) {
  return std::make_unique<GzipSink>(packed);
}

}  // namespace cim::tar
