// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
// Compresses and decompresses gzip with ISA-L, which uses the vector instructions of the processor.
#include <algorithm>
#include <cstdint>

#include <isa-l/igzip_lib.h>

#include "cimlib/error.h"

#include "tar/compression.h"
#include "tar/gzip_source.h"

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

constexpr std::size_t kBufferSize = std::size_t{512} * 1024;
// The highest level of ISA-L: for layers the result is within a tenth of zlib's usual level, in a
// quarter of the time.
constexpr std::uint32_t kLevel = 2;

class GzipSink final : public Sink {
 public:
  explicit GzipSink(Sink& packed)
      : packed_(packed),
        stream_(std::make_unique<isal_zstream>()),
        level_buffer_(ISAL_DEF_LVL2_DEFAULT),
        input_(kBufferSize),
        output_(kBufferSize) {
    isal_deflate_init(stream_.get());
    stream_->level = kLevel;
    stream_->level_buf = reinterpret_cast<std::uint8_t*>(level_buffer_.data());
    stream_->level_buf_size = static_cast<std::uint32_t>(level_buffer_.size());
    stream_->gzip_flag = IGZIP_GZIP;
    stream_->flush = NO_FLUSH;
  }

  // The output's blocks depend on how the input is divided, so it is cut into equal pieces.
  void write(const SharedBytes& shared) override {
    ByteView bytes = shared.bytes;
    while (!bytes.empty()) {
      const std::size_t size = std::min(bytes.size(), input_.size() - filled_);
      std::copy_n(bytes.begin(), size, input_.begin() + static_cast<std::ptrdiff_t>(filled_));
      filled_ += size;
      bytes = bytes.subspan(size);
      if (filled_ == input_.size()) {
        deflate();
      }
    }
  }

  void finish() override {
    stream_->end_of_stream = 1;
    deflate();
    packed_.finish();
  }

 private:
  void deflate() {
    stream_->next_in = reinterpret_cast<std::uint8_t*>(input_.data());
    stream_->avail_in = static_cast<std::uint32_t>(filled_);
    filled_ = 0;
    do {
      stream_->next_out = reinterpret_cast<std::uint8_t*>(output_.data());
      stream_->avail_out = static_cast<std::uint32_t>(output_.size());
      if (isal_deflate(stream_.get()) != COMP_OK) {
        throw Error(ErrorCode::kIo, "gzip", "cannot compress");
      }
      packed_.write({ByteView(output_).first(output_.size() - stream_->avail_out), nullptr});
    } while (stream_->avail_out == 0);
  }

  Sink& packed_;
  std::unique_ptr<isal_zstream> stream_;
  Bytes level_buffer_;
  Bytes input_;
  Bytes output_;
  std::size_t filled_ = 0;
};

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
  return isal.block_state == ISAL_BLOCK_FINISH ? Outcome::kMemberEnded : Outcome::kContinues;
}

std::unique_ptr<Sink> make_gzip_sink(Sink& packed) {
  return std::make_unique<GzipSink>(packed);
}

}  // namespace cim::tar
