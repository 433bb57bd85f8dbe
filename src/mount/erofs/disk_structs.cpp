// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "mount/erofs/disk_structs.h"

namespace cim::mount::erofs {
namespace {

/// Appends one block: the entries, then the names, without padding. The end of a name is the start
/// of the next, and the offset of the first implies the number of entries.
void append_block(Bytes& bytes, std::span<const DirectoryChild> children) {
  std::size_t name_offset = children.size() * sizeof(DiskDirectoryEntry);
  for (const DirectoryChild& child : children) {
    append(bytes, DiskDirectoryEntry{.nid = child.nid,
                                     .name_offset = static_cast<std::uint16_t>(name_offset),
                                     .type = static_cast<std::uint8_t>(child.type),
                                     .reserved = 0});
    name_offset += child.name.size();
  }
  for (const DirectoryChild& child : children) {
    append(bytes, as_bytes(child.name));
  }
}

}  // namespace

bool DirectoryMeasure::add(std::size_t name_size) noexcept {
  const std::size_t needed = sizeof(DiskDirectoryEntry) + name_size;
  const bool starts_block = needed > block_size_ - used_;
  if (starts_block) {
    before_ += block_size_;
    used_ = 0;
  }
  used_ += needed;
  return starts_block;
}

// Breaks blocks where DirectoryMeasure does, because the size of a directory is determined before
// its entries are known.
Bytes encode_directory(std::span<const DirectoryChild> children, std::size_t block_size) {
  Bytes bytes;
  DirectoryMeasure measure(block_size);
  std::size_t first = 0;
  for (std::size_t i = 0; i < children.size(); ++i) {
    if (measure.add(children[i].name.size())) {
      append_block(bytes, children.subspan(first, i - first));
      bytes.resize((bytes.size() + block_size - 1) / block_size * block_size);
      first = i;
    }
  }
  append_block(bytes, children.subspan(first));
  return bytes;
}

}  // namespace cim::mount::erofs
