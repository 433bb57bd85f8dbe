// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// The source of a tar: bytes in order, returned one run at a time.

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <utility>

#include "base/bytes.h"

namespace cim::tar {

/// Bytes in order; for one thread.
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
class Input : public Source {
 public:
  std::uint64_t bytes_done() const noexcept { return bytes_done_; }
  /// Nullopt for a pipe.
  std::optional<std::uint64_t> bytes_total() const noexcept { return bytes_total_; }

 protected:
  Input(std::string name, std::optional<std::uint64_t> bytes_total)
      : Source(std::move(name)), bytes_total_(bytes_total) {}

  void count(std::uint64_t bytes) noexcept { bytes_done_ += bytes; }

 private:
  std::atomic<std::uint64_t> bytes_done_ = 0;
  std::optional<std::uint64_t> bytes_total_;
};

/// Opens a regular file, a pipe, or standard input for "-". Throws as File::open_read() does. While
/// input must be waited for, next() throws kCancelled once a stop is requested.
std::unique_ptr<Input> open_input(const std::filesystem::path& path, std::stop_token stop = {});

}  // namespace cim::tar
