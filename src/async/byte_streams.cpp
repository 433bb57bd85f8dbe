// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "cimlib/byte_streams.h"

#include <algorithm>

#include <fmt/format.h>

#include "cimlib/error.h"

#include "async/source_reader.h"
#include "os/file.h"
#include "os/input_pipe.h"

namespace cim {
namespace {

// A disk that is also being written to responds late, so requests are made early and are large.
constexpr std::uint64_t kAskedAhead = std::uint64_t{32} << 20;
constexpr std::uint64_t kAskedAtOnce = std::uint64_t{8} << 20;

// A writer may keep an owner until its data are on disk, so an owner of a whole buffer must not be
// passed on with a few bytes.
constexpr std::size_t kLeastOwned = kReadSize / 2;

/// Reads into buffers of a pool.
class BufferedReader : public SourceReader {
 public:
  std::shared_ptr<const void> owner() const final { return buffer_; }

 protected:
  BufferedReader(std::string name, std::optional<std::uint64_t> bytes_total,
                 const BufferPool& buffers)
      : SourceReader(std::move(name), bytes_total), buffers_(buffers) {}

 private:
  /// Fills the buffer up to the end of the source; returns the number of bytes read.
  virtual std::size_t fill(std::span<std::byte> buffer) = 0;

  ByteView read() final {
    buffer_.reset();  // so that the pool can reuse it
    if (at_end_) {
      return {};  // a second read of a terminal would wait for another end of input
    }
    buffer_ = buffers_.take();
    const std::size_t got = fill(*buffer_);
    at_end_ = got < buffer_->size();
    return ByteView(*buffer_).first(got);
  }

  BufferPool buffers_;
  std::shared_ptr<BufferPool::Buffer> buffer_;
  bool at_end_ = false;
};

// Reads a regular file, and asks the kernel to read ahead further than it would by itself.
class FileReader final : public BufferedReader {
 public:
  FileReader(File file, const BufferPool& buffers)
      : BufferedReader(file.path().string(), file.size(), buffers), file_(std::move(file)) {}

 private:
  std::size_t fill(std::span<std::byte> buffer) override {
    while (asked_ < std::min(bytes_done() + kAskedAhead, *bytes_total())) {
      file_.start_reading(asked_, kAskedAtOnce);
      asked_ += kAskedAtOnce;
    }
    return file_.read_some_at(bytes_done(), buffer);
  }

  File file_;
  std::uint64_t asked_ = 0;  // end of the range requested from the kernel
};

// Reads a pipe or a descriptor of any kind; a request to stop ends a wait for input.
class PipeReader final : public BufferedReader {
 public:
  PipeReader(InputPipe pipe, const BufferPool& buffers, const std::stop_token& stop)
      : BufferedReader(pipe.name(), pipe.size(), buffers), pipe_(std::move(pipe)), stop_(stop) {}

 private:
  std::size_t fill(std::span<std::byte> buffer) override { return pipe_.read(buffer, stop_); }

  InputPipe pipe_;
  std::stop_token stop_;
};

// Fills whole buffers from a callback, which may return few bytes at a time.
class CallbackReader final : public BufferedReader {
 public:
  CallbackReader(ByteSource::Callback callback, std::string name,
                 std::optional<std::uint64_t> bytes_total, const BufferPool& buffers,
                 const std::stop_token& stop)
      : BufferedReader(std::move(name), bytes_total, buffers),
        callback_(std::move(callback)),
        stop_(stop) {}

 private:
  std::size_t fill(std::span<std::byte> buffer) override {
    std::size_t done = 0;
    check_stop();
    while (done < buffer.size()) {
      const std::size_t got = callback_(buffer.subspan(done), stop_);
      check_stop();  // a callback that was asked to stop returns anything
      if (got > buffer.size() - done) {
        throw Error(ErrorCode::kInvalidArgument, name(),
                    fmt::format("the callback returned {} for a buffer of {} bytes", got,
                                buffer.size() - done));
      }
      if (got == 0) {
        break;
      }
      done += got;
    }
    return done;
  }

  void check_stop() const {
    if (stop_.stop_requested()) {
      throw Error(ErrorCode::kCancelled, name(), "cancelled while reading");
    }
  }

  ByteSource::Callback callback_;
  std::stop_token stop_;
};

// Returns pieces of the memory itself, so that progress is reported between them.
class MemoryReader final : public SourceReader {
 public:
  MemoryReader(const SharedBytes& memory, std::string name)
      : SourceReader(std::move(name), memory.bytes.size()), memory_(memory) {}

  std::shared_ptr<const void> owner() const override { return memory_.owner; }

 private:
  ByteView read() override {
    const ByteView left = memory_.bytes.subspan(static_cast<std::size_t>(bytes_done()));
    return left.first(std::min(left.size(), kReadSize));
  }

  SharedBytes memory_;
};

std::unique_ptr<SourceReader> open_file(const std::filesystem::path& path,
                                        const BufferPool& buffers, const std::stop_token& stop) {
  if (auto pipe = InputPipe::open(path)) {
    return std::make_unique<PipeReader>(*std::move(pipe), buffers, stop);
  }
  return std::make_unique<FileReader>(File::open_read(path), buffers);
}

}  // namespace

struct ByteSource::State {
  std::function<std::unique_ptr<SourceReader>(const BufferPool& buffers,
                                              const std::stop_token& stop)>
      open;
};

ByteSource::ByteSource(std::shared_ptr<const State> state) noexcept : state_(std::move(state)) {}

ByteSource::ByteSource(Kind /*kind*/, std::filesystem::path path)
    : ByteSource(std::make_shared<const State>(
          State{[path = std::move(path)](const BufferPool& buffers, const std::stop_token& stop) {
            return open_file(path, buffers, stop);
          }})) {}

ByteSource ByteSource::memory(std::span<const std::byte> bytes, std::string name) {
  return ByteSource(std::make_shared<const State>(
      State{[bytes, name = std::move(name)](const BufferPool& /*buffers*/,
                                            const std::stop_token& /*stop*/) {
        return std::make_unique<MemoryReader>(SharedBytes{bytes, nullptr}, name);
      }}));
}

ByteSource ByteSource::memory(std::vector<std::byte>&& bytes, std::string name) {
  const auto owner = std::make_shared<const Bytes>(std::move(bytes));
  return ByteSource(std::make_shared<const State>(
      State{[owner, name = std::move(name)](const BufferPool& /*buffers*/,
                                            const std::stop_token& /*stop*/) {
        return std::make_unique<MemoryReader>(SharedBytes{*owner, owner}, name);
      }}));
}

ByteSource ByteSource::descriptor(int descriptor, std::string name) {
  if (name.empty()) {
    name = fmt::format("descriptor {}", descriptor);
  }
  if (descriptor < 0) {
    throw Error(ErrorCode::kInvalidArgument, name, "is not a file descriptor");
  }
  return ByteSource(std::make_shared<const State>(State{
      [descriptor, name = std::move(name)](const BufferPool& buffers, const std::stop_token& stop) {
        return std::make_unique<PipeReader>(InputPipe::borrow(descriptor, name), buffers, stop);
      }}));
}

ByteSource ByteSource::callback(Callback read, std::optional<std::uint64_t> size,
                                std::string name) {
  if (!read) {
    throw Error(ErrorCode::kInvalidArgument, name, "the callback is empty");
  }
  return ByteSource(std::make_shared<const State>(
      State{[read = std::move(read), size, name = std::move(name)](const BufferPool& buffers,
                                                                   const std::stop_token& stop) {
        return std::make_unique<CallbackReader>(read, name, size, buffers, stop);
      }}));
}

std::unique_ptr<SourceReader> open_source(const ByteSource& source, const BufferPool& buffers,
                                          const std::stop_token& stop) {
  return source.state_->open(buffers, stop);
}

std::uint64_t require_size(const SourceReader& reader) {
  if (!reader.bytes_total()) {
    throw Error(ErrorCode::kInvalidArgument, reader.name(),
                "its size is unknown, and an image records a size before the data");
  }
  return *reader.bytes_total();
}

void copy_bytes(SourceReader& reader, std::uint64_t size,
                const std::function<void(const SharedBytes&)>& write) {
  for (std::uint64_t left = size; left > 0;) {
    const ByteView run = reader.next();
    if (run.empty()) {
      throw Error(ErrorCode::kIo, reader.name(),
                  fmt::format("ended after {} of its {} bytes", size - left, size));
    }
    const auto count = static_cast<std::size_t>(std::min<std::uint64_t>(run.size(), left));
    write({run.first(count), count < kLeastOwned ? nullptr : reader.owner()});
    left -= count;
  }
}

}  // namespace cim
