// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "mount/erofs/inode_writer.h"

#include <algorithm>
#include <cstddef>

namespace cim::mount::erofs {
namespace {

// Large enough to be read fast; small files are read in one piece anyway.
constexpr std::size_t kCopyPiece = std::size_t{1} << 20;

std::uint64_t blocks_for(std::uint64_t size, std::size_t block_size) {
  return size / block_size + (size % block_size != 0 ? 1 : 0);
}

/// Passes a stream to the callback in pieces, from `begin` to its end.
template <typename Take>
void copy_stream(const Stream& stream, std::uint64_t begin, Take take) {
  Bytes piece(static_cast<std::size_t>(std::min<std::uint64_t>(stream.size() - begin, kCopyPiece)));
  for (std::uint64_t offset = begin; offset < stream.size();) {
    const std::size_t read = stream.read(offset, piece);
    take(offset - begin, ByteView(piece).first(read));
    offset += read;
  }
}

}  // namespace

void InodeWriter::write_inode(std::uint64_t offset, const InodeContent& facts, Layout layout,
                              std::uint64_t size, std::uint32_t place) {
  const PosixAttributes& attributes = facts.attributes;
  DiskInode inode{};
  inode.format = inode_format(layout);
  inode.xattr_count = facts.xattrs.count();
  inode.mode = static_cast<std::uint16_t>(attributes.mode);
  inode.size = size;
  inode.place = place;
  inode.number = static_cast<std::uint32_t>(offset / kInodeUnit);
  inode.user = facts.user;
  inode.group = facts.group;
  inode.seconds = static_cast<std::uint64_t>(attributes.modification.seconds);
  inode.nanoseconds = attributes.modification.nanoseconds;
  inode.link_count = attributes.link_count;
  Bytes bytes;
  append(bytes, inode);
  append(bytes, facts.xattrs.encode());
  file_.write(offset, bytes);
}

// The last, partial block of the content follows the inode if it fits there, so that most small
// files and directories are read with their inode and take no block of their own.
Placement InodeWriter::place(const InodeContent& facts, std::uint64_t content_size) {
  const std::uint64_t head = sizeof(DiskInode) + facts.xattrs.size();
  const std::size_t block_size = file_.block_size();
  std::uint64_t tail = content_size % block_size;
  if (!file_.can_hold(head, tail)) {
    tail = 0;
  }
  Placement place;
  place.size = content_size;
  place.inode = file_.place_inode(head, tail);
  place.tail = tail == 0 ? 0 : place.inode + head;
  if (content_size > tail) {
    place.block = file_.place_blocks(blocks_for(content_size - tail, block_size));
  }
  write_inode(place.inode, facts, tail == 0 ? Layout::kPlain : Layout::kInline, content_size,
              place.block);
  return place;
}

// Divides the bytes between the whole blocks and the tail, which follows the inode.
void InodeWriter::write_content(const Placement& place, std::uint64_t offset, ByteView bytes) {
  const std::uint64_t tail_size = place.tail == 0 ? 0 : place.size % file_.block_size();
  const std::uint64_t in_blocks = place.size - tail_size;
  if (offset < in_blocks) {
    const auto part = bytes.first(
        static_cast<std::size_t>(std::min<std::uint64_t>(bytes.size(), in_blocks - offset)));
    file_.write((std::uint64_t{place.block} << file_.block_bits()) + offset, part);
    bytes = bytes.subspan(part.size());
    offset += part.size();
  }
  if (!bytes.empty()) {
    file_.write(place.tail + (offset - in_blocks), bytes);
  }
}

void InodeWriter::set_link_count(const Placement& place, std::uint32_t count) {
  const Le32 value(count);
  file_.write(place.inode + offsetof(DiskInode, link_count), std::as_bytes(std::span(&value, 1)));
}

std::uint64_t InodeWriter::write_file(const InodeContent& facts, const Stream& stream,
                                      const std::string& what, bool& is_mapped) {
  if (stream.size() != 0) {
    if (const auto map = FileMap::make(stream.extents(), devices_, file_.block_bits(), what)) {
      is_mapped = true;
      return write_mapped(facts, stream, *map);
    }
  }
  is_mapped = false;
  const Placement content = place(facts, stream.size());
  copy_stream(stream, 0,
              [&](std::uint64_t offset, ByteView bytes) { write_content(content, offset, bytes); });
  return content.inode;
}

// The indexes of the chunks follow the inode and its attributes, aligned to their own size.
std::uint64_t InodeWriter::write_mapped(const InodeContent& facts, const Stream& stream,
                                        const FileMap& map) {
  constexpr std::uint64_t kIndexSize = sizeof(DiskChunkIndex);
  const std::uint64_t head = sizeof(DiskInode) + facts.xattrs.size();
  const std::uint64_t indexes = (head + kIndexSize - 1) / kIndexSize * kIndexSize;
  const std::uint64_t inode = file_.place_inode(indexes + map.count() * kIndexSize, 0);
  write_inode(inode, facts, Layout::kChunked, stream.size(), map.chunk_bits() | kEightByteIndexes);
  const std::uint32_t copy = map.is_last_copied() ? copy_last_chunk(stream, map) : 0;
  file_.write(inode + indexes, map.encode(copy));
  return inode;
}

// All extents but the last consist of whole blocks, so no other chunk can reach the end of a
// region.
std::uint32_t InodeWriter::copy_last_chunk(const Stream& stream, const FileMap& map) {
  const std::uint64_t begin = (map.count() - 1) * map.chunk_size();
  const std::uint32_t block =
      file_.place_blocks(blocks_for(stream.size() - begin, file_.block_size()));
  copy_stream(stream, begin, [&](std::uint64_t offset, ByteView bytes) {
    file_.write((std::uint64_t{block} << file_.block_bits()) + offset, bytes);
  });
  return block;
}

}  // namespace cim::mount::erofs
