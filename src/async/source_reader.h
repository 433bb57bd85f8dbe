// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// Reading a ByteSource, one run of bytes at a time, into buffers that other threads can share.

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <utility>

#include "cimlib/byte_streams.h"

#include "async/shared_bytes.h"
#include "base/bytes.h"

namespace cim {

/// The size of the buffers that open_source() needs: large enough to make the cost of system calls
/// negligible, small enough for a processor's cache.
inline constexpr std::size_t kReadSize = std::size_t{512} * 1024;

/// An opened source. For one thread, except for the progress, which any thread may query.
class SourceReader {
 public:
  SourceReader(const SourceReader&) = delete;
  SourceReader& operator=(const SourceReader&) = delete;
  virtual ~SourceReader() = default;

  /// Returns the next run of bytes, of at most kReadSize; empty at the end and on every later call.
  /// Valid until the next call. Throws kIo, and kCancelled on a request to stop.
  ByteView next() {
    const ByteView run = has_ended_ ? ByteView() : read();
    has_ended_ = run.empty();
    bytes_done_ += run.size();
    return run;
  }

  /// Returns an owner that keeps the last run valid after the next call; null if the run belongs to
  /// the creator of the source.
  virtual std::shared_ptr<const void> owner() const = 0;

  /// The name used in errors.
  const std::string& name() const noexcept { return name_; }
  std::uint64_t bytes_done() const noexcept { return bytes_done_; }
  /// Returns the number of bytes from the first to the last; nullopt if unknown.
  std::optional<std::uint64_t> bytes_total() const noexcept { return bytes_total_; }

 protected:
  SourceReader(std::string name, std::optional<std::uint64_t> bytes_total)
      : name_(std::move(name)), bytes_total_(bytes_total) {}

 private:
  virtual ByteView read() = 0;

  std::string name_;
  std::atomic<std::uint64_t> bytes_done_ = 0;
  std::optional<std::uint64_t> bytes_total_;
  bool has_ended_ = false;
};

/// Opens a source. `buffers` are of kReadSize.
std::unique_ptr<SourceReader> open_source(const ByteSource& source, const BufferPool& buffers,
                                          const std::stop_token& stop = {});

/// Returns the size of an opened source. Throws kInvalidArgument if it is unknown.
std::uint64_t require_size(const SourceReader& reader);

/// Passes the first `size` bytes to `write`, with an owner if a copy would be expensive. Throws kIo
/// if there are fewer.
void copy_bytes(SourceReader& reader, std::uint64_t size,
                const std::function<void(const SharedBytes&)>& write);

}  // namespace cim
