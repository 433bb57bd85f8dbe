// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// The destination of a tar: bytes in order, passed from sink to sink and never held as a whole.

#include <functional>

#include "async/shared_bytes.h"

namespace cim::tar {

/// Accepts bytes in order; for one thread.
class Sink {
 public:
  Sink() = default;
  Sink(const Sink&) = delete;
  Sink& operator=(const Sink&) = delete;
  virtual ~Sink() = default;

  /// Accepts all of the bytes, or throws.
  virtual void write(const SharedBytes& bytes) = 0;

  /// Writes what ends the output, such as the trailer of compressed data; nothing may be written
  /// after.
  virtual void finish() = 0;
};

/// Passes the bytes to a function.
class CallingSink final : public Sink {
 public:
  using Function = std::function<void(const SharedBytes&)>;

  explicit CallingSink(Function function) : function_(std::move(function)) {}
  void write(const SharedBytes& bytes) override { function_(bytes); }
  void finish() override {}

 private:
  Function function_;
};

}  // namespace cim::tar
