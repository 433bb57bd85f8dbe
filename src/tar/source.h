// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// The origin of a tar: bytes in order, returned one run at a time. Input opens one, decompress()
// (compression.h) unpacks it, ReadAhead reads it in a thread of its own, and a Cursor consumes it.

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <exception>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <thread>
#include <utility>

#include "cimlib/byte_streams.h"

#include "async/shared_bytes.h"
#include "async/source_reader.h"
#include "base/bytes.h"

namespace cim::tar {

/// Bytes in order; for one thread. Sources are stacked: one that transforms bytes takes those of
/// another.
class Source {
 public:
  Source(const Source&) = delete;
  Source& operator=(const Source&) = delete;
  virtual ~Source() = default;

  /// Returns the next run of bytes, of any length; empty at the end and on every later call. Valid
  /// until the next call. Throws kIo, and kCorrupt if decompression fails.
  virtual ByteView next() = 0;

  /// Returns an owner that keeps the last run valid after the next call; null if there is none.
  virtual std::shared_ptr<const void> owner() const { return nullptr; }

  /// The name used in errors.
  const std::string& name() const noexcept { return name_; }

 protected:
  explicit Source(std::string name) : name_(std::move(name)) {}

 private:
  std::string name_;
};

/// The input as stored, and the progress of reading it, which any thread may query.
class Input final : public Source {
 public:
  /// Opens `source`. Its bytes must remain valid until everything that was made from them is
  /// destroyed, whether or not they have an owner.
  explicit Input(const ByteSource& source, const std::stop_token& stop = {});

  ByteView next() override { return reader_->next(); }
  std::shared_ptr<const void> owner() const override;

  std::uint64_t bytes_done() const noexcept { return reader_->bytes_done(); }
  std::optional<std::uint64_t> bytes_total() const noexcept { return reader_->bytes_total(); }

 private:
  explicit Input(std::unique_ptr<SourceReader> reader);

  std::unique_ptr<SourceReader> reader_;
};

/// Observes the bytes of a tar as they are read: each byte is passed to one of the functions, in
/// order.
class Observer {
 public:
  Observer() = default;
  Observer(const Observer&) = delete;
  Observer& operator=(const Observer&) = delete;
  virtual ~Observer() = default;

  /// Headers, padding, everything after the last entry, and bodies of sparse files.
  virtual void structure(ByteView bytes) = 0;
  /// The body of an entry.
  virtual void content(ByteView bytes) = 0;
};

/// A position in a source: reads in pieces of the caller's choice, across the boundaries of runs.
class Cursor {
 public:
  /// `source` must outlive this object.
  explicit Cursor(Source& source) noexcept : source_(source) {}

  std::uint64_t offset() const noexcept { return offset_; }
  const std::string& source_name() const noexcept { return source_.name(); }

  /// Passes all bytes that are read from now on to `observer`, which must outlive this object.
  void observe(Observer& observer) noexcept { observer_ = &observer; }

  /// Returns the next contiguous bytes, at most `limit`; empty at the end. Valid until the next
  /// call of any function of the cursor.
  ByteView take_some(std::uint64_t limit) {
    const ByteView taken = take(limit);
    if (observer_ != nullptr) {
      observer_->structure(taken);
    }
    return taken;
  }
  /// The same for bytes of the body of an entry.
  ByteView take_content(std::uint64_t limit) {
    const ByteView taken = take(limit);
    if (observer_ != nullptr) {
      observer_->content(taken);
    }
    return taken;
  }

  /// Copies bytes until the buffer is full or the source ends; returns how many.
  std::size_t read(std::span<std::byte> into);

  /// Skips bytes up to the end of the source; returns how many.
  std::uint64_t skip(std::uint64_t size);

 private:
  ByteView take(std::uint64_t limit);

  Source& source_;
  Observer* observer_ = nullptr;
  ByteView run_;
  std::uint64_t offset_ = 0;
};

/// Provides the bytes of another source, read some runs ahead. Only this object may use that source
/// until it is destroyed.
class ReadAhead final : public Source {
 public:
  /// Enough to even out short delays on either side; a run is half a mebibyte or a whole one.
  static constexpr std::size_t kRuns = 4;

  /// `source` must outlive this object. A stop requested through `stop` must end any wait in
  /// `source`; the destructor requests it. At most `runs` wait to be used.
  ReadAhead(Source& source, std::stop_source stop, std::size_t runs = kRuns);
  ~ReadAhead() override;

  ByteView next() override;
  std::shared_ptr<const void> owner() const override { return current_.owner; }

 private:
  void run() noexcept;
  void read_all();

  Source& source_;
  std::stop_source stop_;
  std::size_t most_runs_;
  std::mutex mutex_;
  std::condition_variable run_came_;
  std::condition_variable room_came_;
  std::deque<SharedBytes> runs_;
  SharedBytes current_;  // the run that the caller is using
  bool ended_ = false;
  std::exception_ptr failure_;
  std::thread thread_;  // last, since it uses all of the above
};

}  // namespace cim::tar
