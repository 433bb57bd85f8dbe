// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// The files of an image as POSIX has files: inode numbers, modes, links, sizes and times. Safe for
// many threads at once.

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "cimlib/filetime.h"
#include "cimlib/image.h"

#include "image/read/link_target.h"

namespace cim::mount {

/// A file or directory, or an alternate stream of one that shows as a file.
struct Node {
  FileId file = 0;
  std::uint32_t stream = 0;  ///< 0: the file itself; n: its nth alternate stream
  /// Of a link: the directory it was found in, unless that is its parent of record. As where a link
  /// leads depends on the directory, a link with several names is several nodes.
  FileId directory = 0;

  bool operator==(const Node&) const = default;
};

/// An inode number has no room for greater ones.
inline constexpr FileId kMaxDirectoryOfLink = (FileId{1} << 31) - 1;

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

/// Permissions and type of what shows as a file or directory.
std::uint32_t mode_of(const FileInfo& info) noexcept;

/// Whether it shows as a symbolic link if Linux can have such a link.
bool may_be_link(const FileInfo& info) noexcept;

class PosixView {
 public:
  explicit PosixView(Image image);

  const Image& image() const noexcept { return image_; }

  /// File ids serve as inode numbers, but the root and file 1 change places; an alternate stream
  /// has its number in the upper half, a link with a directory of its own that, and the uppermost
  /// bit.
  std::uint64_t inode_of(Node node) const noexcept;
  Node node_of(std::uint64_t inode) const noexcept;

  /// `info` is that of `node.file`, and `link` its target if it shows as a link. Throws kNotFound
  /// for a stream that isn't there.
  PosixAttributes attributes(Node node, const FileInfo& info,
                             const std::optional<std::string>& link = {}) const;

  /// Counts the names of all files. Until it has ended, each has one as far as attributes() says.
  void count_links(const std::stop_token& stop = {});
  /// Makes attributes() wait for that to end, but for no longer than two seconds from now.
  void await_link_counts();
  bool has_counted_links() const noexcept { return has_counted_links_; }

  /// The nth alternate stream, or that of a name, without regard to case.
  Stream open(Node node) const;
  std::optional<Node> find_stream(FileId file, std::u16string_view name) const;

  /// The place below the directory's own, for a directory in it.
  LinkPlace place_in(const LinkPlace& above, FileId directory) const;
  LinkPlace place_of_root() const noexcept { return {.depth = 0, .reach = 0}; }

  /// Where something in the directory at `place` leads for which may_be_link() holds.
  LinkTarget link_target(const FileInfo& info, const LinkPlace& place) const;

 private:
  std::uint32_t link_count(const FileInfo& info) const;
  /// Throws kNotFound unless the node's is among them.
  StreamList streams_with(Node node) const;
  void wait_for_links() const;

  Image image_;
  std::vector<FileId> volume_roots_;

  std::atomic<bool> has_counted_links_ = false;
  std::vector<LinkCount> link_counts_;  // set before has_counted_links_
  mutable std::mutex counting_mutex_;
  mutable std::condition_variable counting_ended_;
  std::chrono::steady_clock::time_point counting_deadline_{};
};

}  // namespace cim::mount
