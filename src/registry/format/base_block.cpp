// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
// The base block is examined before anything else of a hive is trusted. Its two sequence numbers
// are equal unless a write was interrupted; if they differ, the hive is dirty, and its logs are
// needed.
#include "registry/format/base_block.h"

#include <bit>

#include <fmt/format.h>

#include "cimlib/error.h"

#include "registry/format/cell_map.h"

namespace cim::registry {
namespace {

constexpr std::uint32_t kMinFileSize = kBaseBlockSize + kBinAlignment;

[[noreturn]] void fail(ErrorCode code, const std::string& subject, std::size_t offset,
                       std::string reason) {
  throw Error(code, subject, std::move(reason), offset);
}

}  // namespace

// The XOR of 127 words, with two values that Windows avoids.
std::uint32_t checksum_of(const BaseBlock& block) noexcept {
  using Words = std::array<Le32, sizeof(BaseBlock) / sizeof(Le32)>;
  const auto words = std::bit_cast<Words>(block);
  std::uint32_t sum = 0;
  for (std::size_t i = 0; i + 1 < words.size(); ++i) {
    sum ^= words[i];
  }
  if (sum == 0xFFFFFFFF) {
    return 0xFFFFFFFE;
  }
  return sum == 0 ? 1 : sum;
}

bool has_right_checksum(const BaseBlock& block) noexcept {
  return block.checksum == checksum_of(block);
}

// A log begins with a base block too; its file type shows that.
BaseBlock read_base_block(ByteView file, const std::string& subject) {
  if (file.size() < sizeof(BaseBlock)) {
    fail(ErrorCode::kCorrupt, subject, 0,
         fmt::format("{} bytes are too few for a hive", file.size()));
  }
  const auto block = load<BaseBlock>(file, 0);
  if (block.signature != kHiveSignature) {
    fail(ErrorCode::kCorrupt, subject, 0, "not a registry hive: its signature is not 'regf'");
  }
  const std::uint32_t type = block.file_type;
  if (type == 1 || type == 2 || type == 6) {
    fail(ErrorCode::kUnsupported, subject, offsetof(BaseBlock, file_type),
         fmt::format("a transaction log (file type {}), not a hive", type));
  }
  if (file.size() < kMinFileSize) {
    fail(ErrorCode::kCorrupt, subject, 0,
         fmt::format("{} bytes are too few for a hive", file.size()));
  }
  return block;
}

// Windows increments the first sequence number before it writes to a hive and the second after.
std::string dirty_reason(const BaseBlock& block) {
  if (!has_right_checksum(block)) {
    return fmt::format("the checksum of the head is {:#010x}, expected {:#010x}",
                       std::uint32_t{block.checksum}, checksum_of(block));
  }
  if (block.primary_sequence != block.secondary_sequence) {
    return fmt::format("its sequence numbers differ: {} and {}",
                       std::uint32_t{block.primary_sequence},
                       std::uint32_t{block.secondary_sequence});
  }
  return {};
}

void require_readable(const BaseBlock& block, ByteView file, const std::string& subject) {
  const std::uint32_t major = block.major_version;
  const std::uint32_t minor = block.minor_version;
  if (major != 1 || minor < 3 || minor > 6) {
    fail(ErrorCode::kUnsupported, subject, offsetof(BaseBlock, major_version),
         fmt::format("unsupported version {}.{}", major, minor));
  }
  if (block.file_type != 0) {
    fail(ErrorCode::kCorrupt, subject, offsetof(BaseBlock, file_type),
         fmt::format("file type {}, expected 0", std::uint32_t{block.file_type}));
  }
  if (block.file_format != 1) {
    fail(ErrorCode::kCorrupt, subject, offsetof(BaseBlock, file_format),
         fmt::format("file format {}, expected 1", std::uint32_t{block.file_format}));
  }
  const std::uint32_t size = block.bins_size;
  if (size == 0 || size % kBinAlignment != 0 || size > kMaxBinsSize) {
    fail(ErrorCode::kCorrupt, subject, offsetof(BaseBlock, bins_size),
         fmt::format("{:#x} bytes of bins, which must be a multiple of 4096 up to 2 GiB", size));
  }
  if (size > file.size() - kBaseBlockSize) {
    fail(ErrorCode::kCorrupt, subject, offsetof(BaseBlock, bins_size),
         fmt::format("truncated: the header states {} bytes of bins, but the file has only {}",
                     size, file.size() - kBaseBlockSize));
  }
}

}  // namespace cim::registry
