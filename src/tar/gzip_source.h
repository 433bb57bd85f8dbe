// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// The decompressed bytes of a gzip stream.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "async/shared_bytes.h"
#include "base/bytes.h"
#include "deflate/inflater.h"
#include "tar/source.h"

namespace cim::tar {

/// Decompresses consecutive gzip members and verifies the checksum and length of each; zeros may
/// follow the last.
class GzipSource final : public Source {
 public:
  explicit GzipSource(std::unique_ptr<Source> packed);

  ByteView next() override;
  std::shared_ptr<const void> owner() const override { return buffer_; }

 private:
  enum class State { kBetweenMembers, kInMember, kEnded };

  bool refill();
  void begin_member();
  void inflate_some();
  void check_padding();
  [[noreturn]] void fail(std::string reason) const;

  std::unique_ptr<Source> packed_;
  std::uint64_t packed_offset_ = 0;  // offset of the end of the current input run
  bool input_ended_ = false;
  State state_ = State::kBetweenMembers;
  deflate::Inflater inflater_{deflate::Framing::kGzip};
  BufferPool buffers_;
  std::shared_ptr<BufferPool::Buffer> buffer_;
};

}  // namespace cim::tar
