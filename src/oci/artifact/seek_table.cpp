// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
// The format is that of zstd's contrib/seekable_format: a skippable frame with an entry for each
// frame (packed size, plain size and, if the descriptor says so, a checksum) and a footer (number
// of frames, descriptor, magic number).
#include "oci/artifact/seek_table.h"

#include <algorithm>

#include <fmt/format.h>

#include "cimlib/error.h"

#include "base/endian.h"

namespace cim::oci {
namespace {

constexpr std::uint32_t kSkippableMagic = 0x184D2A5E;
constexpr std::uint32_t kSeekableMagic = 0x8F92EAB1;
constexpr std::uint8_t kHasChecksums = 0x80;
constexpr std::uint8_t kReservedBits = 0x7C;

struct SkippableHeader {
  Le32 magic;
  Le32 size;
};
struct SeekEntry {
  Le32 packed;
  Le32 plain;
};
struct SeekFooter {
  Le32 frames;
  std::uint8_t descriptor;
  Le32 magic;
};
static_assert(DiskStruct<SkippableHeader> && DiskStruct<SeekEntry> && DiskStruct<SeekFooter>);
static_assert(sizeof(SeekFooter) == 9);

}  // namespace

std::uint64_t frame_count(std::uint64_t plain_size) noexcept {
  return plain_size / kFrameSize + (plain_size % kFrameSize == 0 ? 0 : 1);
}

std::vector<Frame> plain_frames(std::uint64_t size) {
  std::vector<Frame> frames;
  frames.reserve(static_cast<std::size_t>(frame_count(size)));
  for (std::uint64_t at = 0; at < size; at += kFrameSize) {
    const auto piece = static_cast<std::uint32_t>(std::min<std::uint64_t>(kFrameSize, size - at));
    frames.push_back({at, piece, piece});
  }
  return frames;
}

Bytes encode_seek_table(const std::vector<Frame>& frames) {
  Bytes table;
  const std::size_t size = frames.size() * sizeof(SeekEntry) + sizeof(SeekFooter);
  append(table, SkippableHeader{kSkippableMagic, static_cast<std::uint32_t>(size)});
  for (const Frame& frame : frames) {
    append(table, SeekEntry{frame.packed_size, frame.plain_size});
  }
  append(table, SeekFooter{static_cast<std::uint32_t>(frames.size()), 0, kSeekableMagic});
  return table;
}

std::vector<Frame> parse_seek_table(ByteView table, const PackedSizes& sizes,
                                    const std::string& subject) {
  const auto fail = [&subject](std::string_view what) {
    throw Error(ErrorCode::kCorrupt, subject, fmt::format("the seek table {}", what));
  };
  const std::uint64_t count = frame_count(sizes.plain);
  if (table.size() != sizes.table || table.size() < sizeof(SkippableHeader) + sizeof(SeekFooter) ||
      sizes.table > sizes.packed) {
    fail("has another size than stated");
  }
  ByteReader footer(table, subject);
  footer.seek(table.size() - sizeof(SeekFooter), "the end of the seek table");
  const auto end = footer.read<SeekFooter>("the end of the seek table");
  ByteReader reader(table, subject);
  const auto header = reader.read<SkippableHeader>("the start of the seek table");
  if (header.magic != kSkippableMagic || end.magic != kSeekableMagic ||
      (end.descriptor & kReservedBits) != 0) {
    fail("does not have the form of one");
  }
  const std::uint64_t entry_size =
      sizeof(SeekEntry) + ((end.descriptor & kHasChecksums) != 0 ? sizeof(Le32) : 0);
  const std::uint64_t rest = table.size() - sizeof(SkippableHeader);
  if (end.frames != count || header.size != rest ||
      rest != count * entry_size + sizeof(SeekFooter)) {
    fail(fmt::format("does not have the {} frames of the file", count));
  }
  std::vector<Frame> frames;
  frames.reserve(static_cast<std::size_t>(count));
  std::uint64_t packed = 0;
  std::uint64_t left = sizes.plain;
  for (std::uint64_t i = 0; i < count; ++i) {
    const auto entry = reader.read<SeekEntry>("a frame of the seek table");
    (void)reader.take(static_cast<std::size_t>(entry_size - sizeof(SeekEntry)), "a checksum");
    if (entry.plain != std::min<std::uint64_t>(left, kFrameSize) || entry.packed == 0 ||
        entry.packed > kLargestPackedFrame) {
      fail(fmt::format("states a wrong size for frame {}", i));
    }
    frames.push_back({packed, entry.packed, entry.plain});
    packed += entry.packed;
    left -= entry.plain;
  }
  if (packed != sizes.packed - sizes.table) {
    fail("states other sizes than the frames can have");
  }
  return frames;
}

}  // namespace cim::oci
