// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// A file of the host: what the system reports about it, and its contents without the holes.

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <sys/types.h>

#include "cimlib/filetime.h"

#include "base/bytes.h"
#include "image/host/host_tree.h"
#include "os/descriptor_posix.h"

namespace cim {

/// An open file, directory or symbolic link of the host; for kOther nothing is opened.
class HostEntry {
 public:
  /// Opens the file that a directory has under a name, never through a link. `path` is for
  /// messages. Throws kNotFound, kAccessDenied, kIo, and kBusy if the file is replaced meanwhile.
  HostEntry(int directory, const std::string& name, std::string path);

  HostKind kind() const noexcept { return kind_; }
  int descriptor() const noexcept { return descriptor_.get(); }
  const std::string& path() const noexcept { return path_; }
  std::uint64_t size() const noexcept { return size_; }
  /// Returns the number of names of a file; 1 for directories.
  std::uint64_t link_count() const noexcept { return link_count_; }
  /// Returns an identifier that is the same for all names of one file.
  HostFileId identity() const noexcept { return {.device = device_, .number = inode_}; }

  /// Returns the value of an extended attribute; nullopt if the file does not have it or the
  /// file system does not support it. Throws kLimit for a value that exceeds the kernel's limit.
  std::optional<Bytes> xattr(std::string_view name) const;
  /// Returns the names of the extended attributes that the file system lists.
  std::vector<std::string> xattr_names() const;

  /// Returns the target of a symbolic link.
  std::string link_target() const;

  /// Returns true if any part of the file is a hole.
  bool has_holes() const;

  /// Returns the times that the file system stores.
  FileTimes times(TimesOfFiles which) const;
  bool is_writable() const noexcept { return (mode_ & 0222U) != 0; }
  /// Returns true for the character device 0:0, by which an overlay hides a name.
  bool is_whiteout_device() const noexcept { return is_whiteout_device_; }

 private:
  void examine();

  std::string path_;
  Descriptor descriptor_;
  HostKind kind_ = HostKind::kOther;
  dev_t device_ = 0;
  ino_t inode_ = 0;
  mode_t mode_ = 0;
  std::uint64_t link_count_ = 1;
  std::uint64_t size_ = 0;
  bool is_whiteout_device_ = false;
  FileTimes times_;
};

/// Reads a file piece by piece, skipping its holes. Pieces have at most a mebibyte; holes have any
/// size.
class SparseReader {
 public:
  SparseReader();

  /// Calls `hole` with a number of zeros and `data` with bytes, in the order of the file; calls
  /// neither for a file that is one hole. Throws kIo if the file becomes shorter meanwhile.
  void read(const HostEntry& file, const std::function<void(std::uint64_t)>& hole,
            const std::function<void(ByteView)>& data);

 private:
  void read_range(const HostEntry& file, std::uint64_t start, std::uint64_t end,
                  const std::function<void(ByteView)>& data);

  Bytes buffer_;
};

}  // namespace cim
