// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// Writes inodes and file contents to a metadata image.

#include <cstdint>
#include <string>

#include "cimlib/image.h"

#include "mount/base/posix_view.h"
#include "mount/erofs/file_map.h"
#include "mount/erofs/metadata_file.h"
#include "mount/erofs/xattrs.h"

namespace cim::mount::erofs {

/// The contents of an inode.
struct InodeContent {
  PosixAttributes attributes{};
  std::uint32_t user = 0;
  std::uint32_t group = 0;
  XattrBody xattrs{};
};

/// The location of an inode and of the content that the metadata image itself stores for it.
struct Placement {
  std::uint64_t inode = 0;  ///< offset
  std::uint64_t size = 0;   ///< of the content
  std::uint32_t block = 0;  ///< first block, if the content is larger than its tail
  std::uint64_t tail = 0;   ///< offset of the partial last block; 0 if it has a block of its own
};

/// Stores small contents in the metadata image itself, and maps large ones to region files.
class InodeWriter {
 public:
  InodeWriter(const Devices& devices, MetadataFile& file) noexcept
      : devices_(devices), file_(file) {}

  /// Writes an inode and allocates space for its content, which is zeros where it is not written.
  Placement place(const InodeContent& facts, std::uint64_t content_size);
  /// Writes a part of the content, at that offset in it.
  void write_content(const Placement& place, std::uint64_t offset, ByteView bytes);
  /// Changes the link count of an inode that was written: that of a directory is known only after
  /// its children.
  void set_link_count(const Placement& place, std::uint32_t count);

  /// Writes the inode of a file and maps its data, or copies them if they cannot be mapped; `what`
  /// names the file in errors. Returns the inode's offset, and sets `is_mapped`.
  std::uint64_t write_file(const InodeContent& facts, const Stream& stream, const std::string& what,
                           bool& is_mapped);

 private:
  /// Writes an inode and its extended attributes. `size` is that of the content; `place` is its
  /// first block, or the form of its chunks.
  void write_inode(std::uint64_t offset, const InodeContent& facts, Layout layout,
                   std::uint64_t size, std::uint32_t place);
  std::uint64_t write_mapped(const InodeContent& facts, const Stream& stream, const FileMap& map);
  /// Returns the first block of the copy.
  std::uint32_t copy_last_chunk(const Stream& stream, const FileMap& map);

  const Devices& devices_;
  MetadataFile& file_;
};

}  // namespace cim::mount::erofs
