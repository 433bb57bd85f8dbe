// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// The files of an image in POSIX terms: inode numbers, modes, links, sizes and times. Safe for
// concurrent use by many threads.

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

/// A file or directory, or an alternate stream that appears as a file.
struct Node {
  FileId file = 0;
  std::uint32_t stream = 0;  ///< 0: the file itself; n: its nth alternate stream
  /// For a link, the directory it was found in, unless that is its recorded parent. Since the
  /// target of a link depends on its directory, a link with several names is several nodes.
  FileId directory = 0;

  bool operator==(const Node&) const = default;
};

/// The largest value that fits in an inode number.
inline constexpr FileId kMaxDirectoryOfLink = (FileId{1} << 31) - 1;

inline constexpr std::uint64_t kRootInode = 1;

/// The attributes of a node that stat(2) returns, apart from its owner.
struct PosixAttributes {
  std::uint64_t inode = 0;
  /// Type and permissions: 0755 for files and directories, without 0222 if they are read-only, and
  /// 0777 for links. NTFS has no executable attribute, so any file may be a program.
  std::uint32_t mode = 0;
  /// The number of names of a file; 1 for directories, which means that it is not counted.
  std::uint32_t link_count = 1;
  std::uint64_t size = 0;    ///< for a link, the length of its target; 0 for a directory
  std::uint64_t blocks = 0;  ///< of 512 bytes
  UnixTime access;
  UnixTime modification;
  UnixTime change;
};

/// Returns type and permissions, for anything that appears as a file or directory.
std::uint32_t mode_of(const FileInfo& info) noexcept;

/// Returns true if it appears as a symbolic link, provided that Linux can express its target.
bool may_be_link(const FileInfo& info) noexcept;

/// An image as a POSIX file system sees it. Both backends use it, so that they show the same.
class PosixView {
 public:
  explicit PosixView(Image image);

  const Image& image() const noexcept { return image_; }

  /// Inode numbers are file ids, with the root and file 1 exchanged. An alternate stream has its
  /// number in the upper half; a link found in another directory has that directory there, and the
  /// top bit set.
  std::uint64_t inode_of(Node node) const noexcept;
  Node node_of(std::uint64_t inode) const noexcept;

  /// `info` must describe `node.file`; `link` is its target if it appears as a link. Throws
  /// kNotFound if the stream does not exist.
  PosixAttributes attributes(Node node, const FileInfo& info,
                             const std::optional<std::string>& link = {}) const;

  /// Counts the names of all files. Until that is complete, attributes() reports one name each.
  void count_links(const std::stop_token& stop = {});
  /// Makes attributes() wait for count_links() to complete, until two seconds from now at most.
  void await_link_counts();
  bool has_counted_links() const noexcept { return has_counted_links_; }

  /// Opens a file or stream, and finds a stream by name, ignoring case.
  Stream open(Node node) const;
  std::optional<Node> find_stream(FileId file, std::u16string_view name) const;

  /// Returns the place of `directory`, given the place of its parent.
  LinkPlace place_in(const LinkPlace& above, FileId directory) const;
  LinkPlace place_of_root() const noexcept { return {.depth = 0, .reach = 0}; }

  /// Returns the target of a file in the directory at `place`. may_be_link() must be true for it.
  LinkTarget link_target(const FileInfo& info, const LinkPlace& place) const;

 private:
  /// Waits for the count if await_link_counts() was called.
  std::uint32_t link_count(const FileInfo& info) const;
  /// Throws kNotFound unless the node's stream is among them.
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
