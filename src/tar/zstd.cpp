// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
// Compresses and decompresses zstd.
#include <cstdint>
#include <new>
#include <string>

#include <fmt/format.h>
#include <zstd.h>
#include <zstd_errors.h>

#include "cimlib/error.h"

#include "async/shared_bytes.h"
#include "tar/compression.h"
#include "tar/zstd_frames.h"

namespace cim::tar {
namespace {

constexpr std::size_t kBufferSize = std::size_t{512} * 1024;

// 128 MiB, the limit of the zstd program by default: `zstd --ultra -22` and `--long` stay within
// it, and a hostile header cannot make us allocate gigabytes.
constexpr int kWindowLogMax = 27;

struct FreeContext {
  void operator()(ZSTD_CCtx* context) const noexcept { ZSTD_freeCCtx(context); }
  void operator()(ZSTD_DCtx* context) const noexcept { ZSTD_freeDCtx(context); }
};

class ZstdSource final : public Source {
 public:
  explicit ZstdSource(std::unique_ptr<Source> packed);

  ByteView next() override;
  std::shared_ptr<const void> owner() const override { return buffer_; }

 private:
  bool refill();
  [[noreturn]] void fail(std::size_t result) const;

  std::unique_ptr<Source> packed_;
  ByteView run_;                     // rest of the current input run
  std::uint64_t packed_offset_ = 0;  // offset of its end
  bool in_frame_ = false;
  std::unique_ptr<ZSTD_DCtx, FreeContext> context_;
  BufferPool buffers_;
  std::shared_ptr<BufferPool::Buffer> buffer_;
};

ZstdSource::ZstdSource(std::unique_ptr<Source> packed)
    : Source(packed->name() + " (unpacked)"),
      packed_(std::move(packed)),
      context_(ZSTD_createDCtx()),
      buffers_(kBufferSize) {
  if (context_ == nullptr || ZSTD_isError(ZSTD_DCtx_setParameter(
                                 context_.get(), ZSTD_d_windowLogMax, kWindowLogMax)) != 0) {
    throw std::bad_alloc();
  }
}

// Unpacks frame after frame into one buffer. A stream may end between frames, but not inside one.
ByteView ZstdSource::next() {
  buffer_.reset();  // so that the pool can reuse it
  buffer_ = buffers_.take();
  ZSTD_outBuffer out{buffer_->data(), buffer_->size(), 0};
  while (out.pos < out.size) {
    const bool has_input = refill();
    if (!has_input && !in_frame_) {
      break;
    }
    const std::size_t before = out.pos;
    ZSTD_inBuffer in{run_.data(), run_.size(), 0};
    const std::size_t result = ZSTD_decompressStream(context_.get(), &out, &in);
    run_ = run_.subspan(in.pos);
    if (ZSTD_isError(result) != 0) {
      fail(result);
    }
    in_frame_ = result != 0;
    if (in_frame_ && !has_input && out.pos == before) {
      throw Error(ErrorCode::kCorrupt, packed_->name(), "the compressed data is truncated",
                  packed_offset_);
    }
  }
  return ByteView(*buffer_).first(out.pos);
}

// Returns true if there is input, after fetching more if all of it was used.
bool ZstdSource::refill() {
  if (run_.empty()) {
    run_ = packed_->next();
    packed_offset_ += run_.size();
  }
  return !run_.empty();
}

// Throws with the offset in the input at which decompression stopped.
void ZstdSource::fail(std::size_t result) const {
  const std::uint64_t offset = packed_offset_ - run_.size();
  switch (ZSTD_getErrorCode(result)) {
    case ZSTD_error_frameParameter_windowTooLarge:
      throw Error(ErrorCode::kLimit, packed_->name(),
                  "the zstd frame needs a window of more than 128 MiB", offset);
    case ZSTD_error_memory_allocation:
      throw std::bad_alloc();
    case ZSTD_error_prefix_unknown:
      throw Error(ErrorCode::kCorrupt, packed_->name(), "expected a zstd frame", offset);
    default:
      throw Error(ErrorCode::kCorrupt, packed_->name(),
                  fmt::format("the compressed data is damaged ({})", ZSTD_getErrorName(result)),
                  offset);
  }
}

class ZstdSink final : public Sink {
 public:
  ZstdSink(Sink& packed, int level)
      : packed_(packed), context_(ZSTD_createCCtx()), buffer_(ZSTD_CStreamOutSize()) {
    if (context_ == nullptr) {
      throw std::bad_alloc();
    }
    check(ZSTD_CCtx_setParameter(context_.get(), ZSTD_c_compressionLevel, level));
    // Readers verify the checksum; without it, damage could go unnoticed.
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
  std::unique_ptr<ZSTD_CCtx, FreeContext> context_;
  Bytes buffer_;
};

}  // namespace

std::unique_ptr<Source> make_zstd_source(std::unique_ptr<Source> packed) {
  return std::make_unique<ZstdSource>(std::move(packed));
}

std::unique_ptr<Sink> make_zstd_sink(Sink& packed) {
  return std::make_unique<ZstdSink>(packed, ZSTD_CLEVEL_DEFAULT);
}

std::unique_ptr<Sink> make_fast_sink(Sink& packed) {
  return std::make_unique<ZstdSink>(packed, 1);
}

// Each thread keeps one context, since creating one costs more than a frame.
Bytes pack_zstd_frame(ByteView plain) {
  thread_local const std::unique_ptr<ZSTD_CCtx, FreeContext> context(ZSTD_createCCtx());
  if (context == nullptr ||
      ZSTD_isError(ZSTD_CCtx_setParameter(context.get(), ZSTD_c_checksumFlag, 1)) != 0) {
    throw std::bad_alloc();
  }
  Bytes packed(ZSTD_compressBound(plain.size()));
  const std::size_t size =
      ZSTD_compress2(context.get(), packed.data(), packed.size(), plain.data(), plain.size());
  if (ZSTD_isError(size) != 0) {
    throw Error(ErrorCode::kIo, "zstd", ZSTD_getErrorName(size));
  }
  packed.resize(size);
  return packed;
}

void unpack_zstd_frame(ByteView packed, std::span<std::byte> plain, const std::string& subject) {
  thread_local const std::unique_ptr<ZSTD_DCtx, FreeContext> context(ZSTD_createDCtx());
  if (context == nullptr) {
    throw std::bad_alloc();
  }
  const std::size_t size =
      ZSTD_decompressDCtx(context.get(), plain.data(), plain.size(), packed.data(), packed.size());
  if (ZSTD_isError(size) != 0) {
    throw Error(ErrorCode::kCorrupt, subject,
                fmt::format("a frame of the compressed data is damaged or unpacks to more than {} "
                            "bytes ({})",
                            plain.size(), ZSTD_getErrorName(size)));
  }
  if (size != plain.size()) {
    throw Error(ErrorCode::kCorrupt, subject,
                fmt::format("a frame of the compressed data unpacks to {} bytes, expected {}", size,
                            plain.size()));
  }
}

}  // namespace cim::tar
