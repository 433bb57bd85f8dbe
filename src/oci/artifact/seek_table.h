// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// The seek table of a file in zstd's seekable format: the sizes of its frames, in a skippable frame
// at the end, so that every zstd reader unpacks the file and this one also reads parts of it.

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "base/bytes.h"

namespace cim::oci {

/// The plain size of every frame but the last.
inline constexpr std::size_t kFrameSize = std::size_t{1} << 20;
/// The largest packed size: incompressible bytes grow by far less.
inline constexpr std::size_t kLargestPackedFrame = kFrameSize + (std::size_t{64} << 10);

/// A frame: its place in the packed file, and the size of what it unpacks to.
struct Frame {
  std::uint64_t offset = 0;
  std::uint32_t packed_size = 0;
  std::uint32_t plain_size = 0;

  bool operator==(const Frame&) const = default;
};

/// Sizes in bytes of a packed file.
struct PackedSizes {
  std::uint64_t plain = 0;   ///< unpacked
  std::uint64_t packed = 0;  ///< the whole file
  std::uint64_t table = 0;   ///< the skippable frame at its end
};

/// Returns the number of frames of a file with that many plain bytes.
std::uint64_t frame_count(std::uint64_t plain_size) noexcept;

/// Returns the frames of a file that is not packed.
std::vector<Frame> plain_frames(std::uint64_t size);

/// Returns the skippable frame with the table.
Bytes encode_seek_table(const std::vector<Frame>& frames);

/// Decodes a table, which must describe exactly a file of these sizes in frames of kFrameSize.
/// Throws kCorrupt; `subject` names the file.
std::vector<Frame> parse_seek_table(ByteView table, const PackedSizes& sizes,
                                    const std::string& subject);

}  // namespace cim::oci
