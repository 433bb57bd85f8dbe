// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// Where a tar goes: bytes in order, passed on from sink to sink and never held whole.

#include <functional>
#include <memory>

#include "async/shared_bytes.h"

namespace cim::tar {

/// Takes bytes in order; for one thread.
class Sink {
 public:
  Sink() = default;
  Sink(const Sink&) = delete;
  Sink& operator=(const Sink&) = delete;
  virtual ~Sink() = default;

  /// Takes all of it, or throws.
  virtual void write(const SharedBytes& bytes) = 0;

  /// Ends what the sink makes of the bytes, as the trailer of compressed data; nothing may follow.
  virtual void finish() = 0;
};

/// Hands the bytes to a function.
class CallingSink final : public Sink {
 public:
  using Function = std::function<void(const SharedBytes&)>;

  explicit CallingSink(Function function) : function_(std::move(function)) {}
  void write(const SharedBytes& bytes) override { function_(bytes); }
  void finish() override {}

 private:
  Function function_;
};

/// Packs what it gets into one gzip member (RFC 1952), or one zstd frame with a checksum (RFC
/// 8878), for `packed`, which must outlive it. Equal input gives equal bytes, however it is cut
/// into calls. A sink that is not finished leaves its output cut off.
std::unique_ptr<Sink> make_gzip_sink(Sink& packed);
std::unique_ptr<Sink> make_zstd_sink(Sink& packed);

}  // namespace cim::tar
