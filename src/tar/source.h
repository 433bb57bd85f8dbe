// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// Where a tar comes from: bytes in order, handed out a run at a time.
//
//   const auto input = open_input("layer.tar.gz");       // raw bytes; input->bytes_done()
//   const auto source = decompress(*input);              // plain bytes, see decompress.h
//   for (ByteView run = source->next(); !run.empty(); run = source->next()) ...

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

  /// The next run of bytes, of whatever length suits the source; empty at the end, and ever after.
  /// It stays valid until the next call. Throws kIo, and kCorrupt where unpacking fails.
  virtual ByteView next() = 0;

  /// What keeps the last run where it is after the next call as well; null if nothing does.
  virtual std::shared_ptr<const void> owner() const { return nullptr; }

  /// What errors call it.
  const std::string& name() const noexcept { return name_; }

 protected:
  explicit Source(std::string name) : name_(std::move(name)) {}

 private:
  std::string name_;
};

/// The input as it is stored, and how far it has been read, which any thread may ask.
class Input : public Source {
 public:
  std::uint64_t bytes_done() const noexcept { return bytes_done_; }
  /// Unknown for a pipe.
  std::optional<std::uint64_t> bytes_total() const noexcept { return bytes_total_; }

 protected:
  Input(std::string name, std::optional<std::uint64_t> bytes_total)
      : Source(std::move(name)), bytes_total_(bytes_total) {}

  void count(std::uint64_t bytes) noexcept { bytes_done_ += bytes; }

 private:
  std::atomic<std::uint64_t> bytes_done_ = 0;
  std::optional<std::uint64_t> bytes_total_;
};

/// A regular file, a pipe, or standard input for "-". Throws as File::open_read does. Where bytes
/// have to be waited for, next() throws kCancelled once a stop is requested.
std::unique_ptr<Input> open_input(const std::filesystem::path& path, std::stop_token stop = {});

}  // namespace cim::tar
