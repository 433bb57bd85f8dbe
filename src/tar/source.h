// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// The source of a tar: bytes in order, returned one run at a time.

#include <cstdint>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <utility>

#include "cimlib/byte_streams.h"

#include "async/source_reader.h"
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

}  // namespace cim::tar
