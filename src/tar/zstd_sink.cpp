// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include <new>

#include <zstd.h>

#include "cimlib/error.h"

#include "tar/sink.h"

namespace cim::tar {
namespace {

struct Free {
  void operator()(ZSTD_CCtx* context) const noexcept { ZSTD_freeCCtx(context); }
};

class ZstdSink final : public Sink {
 public:
  explicit ZstdSink(Sink& packed)
      : packed_(packed), context_(ZSTD_createCCtx()), buffer_(ZSTD_CStreamOutSize()) {
    if (context_ == nullptr) {
      throw std::bad_alloc();
    }
    check(ZSTD_CCtx_setParameter(context_.get(), ZSTD_c_checksumFlag, 1));
  }

  void write(const SharedBytes& shared) override {
    ByteView bytes = shared.bytes;
    ZSTD_inBuffer in{bytes.data(), bytes.size(), 0};
    while (in.pos < in.size) {
      compress(in, ZSTD_e_continue);
    }
  }

  void finish() override {
    ZSTD_inBuffer in{nullptr, 0, 0};
    while (compress(in, ZSTD_e_end) != 0) {
    }
    packed_.finish();
  }

 private:
  std::size_t compress(ZSTD_inBuffer& in, ZSTD_EndDirective directive) {
    ZSTD_outBuffer out{buffer_.data(), buffer_.size(), 0};
    const std::size_t left = ZSTD_compressStream2(context_.get(), &out, &in, directive);
    check(left);
    if (out.pos > 0) {
      packed_.write({ByteView(buffer_).first(out.pos), nullptr});
    }
    return left;
  }

  static void check(std::size_t result) {
    if (ZSTD_isError(result) != 0) {
      throw Error(ErrorCode::kIo, "zstd", ZSTD_getErrorName(result));
    }
  }

  Sink& packed_;
  std::unique_ptr<ZSTD_CCtx, Free> context_;
  Bytes buffer_;
};

}  // namespace

std::unique_ptr<Sink> make_zstd_sink(Sink& packed) {
  return std::make_unique<ZstdSink>(packed);
}

}  // namespace cim::tar
