// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// A limit for the bytes that an input unpacks to.

#include <cstdint>
#include <memory>
#include <utility>

#include <fmt/format.h>

#include "cimlib/error.h"

#include "tar/source.h"

namespace cim::layer {

/// Passes on at most a given number of bytes; a source with more throws kLimit. Counts unpacked
/// bytes, because a few compressed ones can unpack to any number.
class LimitedSource final : public tar::Source {
 public:
  LimitedSource(std::unique_ptr<tar::Source> source, std::uint64_t limit)
      : tar::Source(source->name()), source_(std::move(source)), limit_(limit), left_(limit) {}

  ByteView next() override {
    const ByteView run = source_->next();
    if (run.size() > left_) {
      throw Error(ErrorCode::kLimit, name(),
                  fmt::format("unpacks to more than the {} bytes allowed", limit_));
    }
    left_ -= run.size();
    return run;
  }

  std::shared_ptr<const void> owner() const override { return source_->owner(); }

  std::uint64_t passed_on() const noexcept { return limit_ - left_; }

 private:
  std::unique_ptr<tar::Source> source_;
  std::uint64_t limit_;
  std::uint64_t left_;
};

}  // namespace cim::layer
