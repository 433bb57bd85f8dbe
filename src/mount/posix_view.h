// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// The files of an image as POSIX has files: inode numbers, modes, links, sizes and times. Safe for
// many threads at once.

#include <cstddef>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cimlib/filetime.h"
#include "cimlib/image.h"

namespace cim::mount {

/// A file or directory, or an alternate stream of one that shows as a file.
struct Node {
  FileId file = 0;
  std::uint32_t stream = 0;  ///< 0: the file itself; n: its nth alternate stream

  bool operator==(const Node&) const = default;
};

inline constexpr std::uint64_t kRootInode = 1;

struct PosixAttributes {
  std::uint64_t inode = 0;
  /// Type and permissions: 0755 for files and directories, less 0222 for those marked read-only,
  /// 0777 for links. Any file may be a program, as no attribute of NTFS tells.
  std::uint32_t mode = 0;
  /// Names of a file; 1 for directories, which says that it isn't counted.
  std::uint32_t link_count = 1;
  std::uint64_t size = 0;    ///< of a link: the length of its target; of a directory: 0
  std::uint64_t blocks = 0;  ///< of 512 bytes
  UnixTime access;
  UnixTime modification;
  UnixTime change;
};

/// Whether the kernel can't take a name for something else, as it would one with "/" or NUL in it,
/// or
/// "." and "..".
bool is_possible_name(std::u16string_view name) noexcept;

/// The permissions and the type.
std::uint32_t mode_of(const FileInfo& info) noexcept;

class PosixView {
 public:
  explicit PosixView(Image image);

  const Image& image() const noexcept { return image_; }

  /// File ids serve as inode numbers, but the root and file 1 change places; an alternate stream
  /// has its number in the upper half.
  std::uint64_t inode_of(Node node) const noexcept;
  Node node_of(std::uint64_t inode) const noexcept;

  /// Throws what Image::info() throws; kNotFound for a stream that isn't there. Needs the links of
  /// all files counted, and waits for it.
  PosixAttributes attributes(Node node) const;

  /// Counts them (see Image::link_counts()), unless that is done or under way in another thread.
  void count_links() const;

  /// The nth alternate stream, or that of a name, without regard to case.
  Stream open(Node node) const;
  std::optional<Node> find_stream(FileId file, std::u16string_view name) const;

  /// Throws kInvalidArgument for what is no link, kCorrupt for a damaged reparse point.
  std::string link_target(FileId link) const;

 private:
  std::size_t link_target_size(FileId link) const;
  std::size_t depth_below_volume_root(FileId directory) const;
  std::uint32_t link_count(const FileInfo& info) const;
  StreamInfo stream_info(Node node) const;

  Image image_;
  std::vector<FileId> volume_roots_;
  mutable std::once_flag links_counted_;
  mutable std::vector<LinkCount> link_counts_;
};

}  // namespace cim::mount
