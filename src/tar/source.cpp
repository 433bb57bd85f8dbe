// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "tar/source.h"

#include <algorithm>
#include <cstdint>
#include <span>
#include <utility>

#include "async/shared_bytes.h"
#include "os/file.h"
#include "os/input_pipe.h"

namespace cim::tar {
namespace {

// Large enough to make the cost of system calls negligible, small enough for a processor's cache.
constexpr std::size_t kRunSize = std::size_t{512} * 1024;

// A disk that is also being written to responds late, so requests are made early and are large.
constexpr std::uint64_t kAskedAhead = std::uint64_t{32} << 20;
constexpr std::uint64_t kAskedAtOnce = std::uint64_t{8} << 20;

class FileInput final : public Input {
 public:
  explicit FileInput(File file)
      : Input(file.path().string(), file.size()), file_(std::move(file)) {}

  ByteView next() override {
    buffer_.reset();  // so that the pool can reuse it
    buffer_ = buffers_.take();
    while (asked_ < std::min(bytes_done() + kAskedAhead, *bytes_total())) {
      file_.start_reading(asked_, kAskedAtOnce);
      asked_ += kAskedAtOnce;
    }
    const std::size_t got = file_.read_some_at(bytes_done(), *buffer_);
    count(got);
    return ByteView(*buffer_).first(got);
  }

  std::shared_ptr<const void> owner() const override { return buffer_; }

 private:
  File file_;
  std::uint64_t asked_ = 0;  // end of the range requested from the kernel
  BufferPool buffers_{kRunSize};
  std::shared_ptr<BufferPool::Buffer> buffer_;
};

class PipeInput final : public Input {
 public:
  PipeInput(InputPipe pipe, std::stop_token stop)
      : Input(pipe.name(), pipe.size()), pipe_(std::move(pipe)), stop_(std::move(stop)) {}

  ByteView next() override {
    if (ended_) {
      return {};  // a second read of a terminal would wait for another end of input
    }
    buffer_.reset();
    buffer_ = buffers_.take();
    const std::size_t got = pipe_.read(*buffer_, stop_);
    ended_ = got < buffer_->size();
    count(got);
    return ByteView(*buffer_).first(got);
  }

  std::shared_ptr<const void> owner() const override { return buffer_; }

 private:
  InputPipe pipe_;
  std::stop_token stop_;
  BufferPool buffers_{kRunSize};
  std::shared_ptr<BufferPool::Buffer> buffer_;
  bool ended_ = false;
};

}  // namespace

std::unique_ptr<Input> open_input(const std::filesystem::path& path, std::stop_token stop) {
  if (path == "-") {
    return std::make_unique<PipeInput>(InputPipe::standard_input(), std::move(stop));
  }
  if (auto pipe = InputPipe::open(path)) {
    return std::make_unique<PipeInput>(*std::move(pipe), std::move(stop));
  }
  return std::make_unique<FileInput>(File::open_read(path));
}

}  // namespace cim::tar
