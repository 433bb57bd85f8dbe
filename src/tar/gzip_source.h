// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// The decompressed bytes of a gzip stream: GzipInflate unpacks one member through ISA-L or zlib,
// and GzipSource strings the members together.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "async/shared_bytes.h"
#include "base/bytes.h"
#include "tar/source.h"

namespace cim::tar {

/// The decompressor of one member after another. Implemented by gzip_isal.cpp and gzip_zlib.cpp, of
/// which one is built.
class GzipInflate {
 public:
  enum class Outcome { kContinues, kMemberEnded, kFailed };

  GzipInflate();
  GzipInflate(const GzipInflate&) = delete;
  GzipInflate& operator=(const GzipInflate&) = delete;
  ~GzipInflate();

  /// The remaining input and the space for its output; inflate() advances both.
  ByteView input;
  std::span<std::byte> output;

  void begin_member();

  /// Decompresses until input or output is used up, at most to the end of the member, whose
  /// checksum and length are verified. After kFailed, failure() returns the reason.
  Outcome inflate();
  std::string_view failure() const noexcept { return failure_; }

 private:
  struct State;

  std::unique_ptr<State> state_;
  std::string_view failure_;
};

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
  GzipInflate inflate_;
  BufferPool buffers_;
  std::shared_ptr<BufferPool::Buffer> buffer_;
};

}  // namespace cim::tar
