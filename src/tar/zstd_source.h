// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// The bytes of a zstd stream.

#include <cstdint>
#include <memory>
#include <string>

#include "base/shared_bytes.h"
#include "tar/source.h"

struct ZSTD_DCtx_s;

namespace cim::tar {

/// Unpacks one zstd frame after another; skippable frames are skipped.
class ZstdSource final : public Source {
 public:
  explicit ZstdSource(std::unique_ptr<Source> packed);

  ByteView next() override;
  std::shared_ptr<const void> owner() const override { return buffer_; }

 private:
  struct Free {
    void operator()(ZSTD_DCtx_s* context) const noexcept;
  };

  bool refill();
  [[noreturn]] void fail(std::size_t result) const;

  std::unique_ptr<Source> packed_;
  ByteView run_;                     // what is left of the present input run
  std::uint64_t packed_offset_ = 0;  // of its end
  bool in_frame_ = false;
  std::unique_ptr<ZSTD_DCtx_s, Free> context_;
  BufferPool buffers_;
  std::shared_ptr<Bytes> buffer_;
};

}  // namespace cim::tar
