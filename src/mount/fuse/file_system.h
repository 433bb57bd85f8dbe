// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// The state that the callbacks of a mount share: the image, the options, and the translation of
// errors. Inode numbers and contents depend only on the image; what the kernel has looked up
// affects only the targets of links.

#include <atomic>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string>

#include <sys/stat.h>
#include <sys/statvfs.h>

#include "cimlib/image.h"
#include "cimlib/mount.h"
#include "cimlib/progress.h"

#include "mount/base/ntfs_xattrs.h"
#include "mount/base/posix_view.h"
#include "mount/fuse/directories.h"
#include "mount/fuse/reply_buffers.h"
#include "os/seeded_hash.h"

struct fuse_lowlevel_ops;

namespace cim::mount::fuse {

/// Passes each distinct message to the sink once, so that a damaged file read a thousand times does
/// not flood a log.
class DamageLog {
 public:
  explicit DamageLog(WarningSink sink) : sink_(std::move(sink)) {}

  void report(const std::string& text) noexcept;

 private:
  WarningSink sink_;
  std::mutex mutex_;
  SeededSet<std::string> reported_;
};

/// Resolves the default of Options::names.
constexpr NameMatch name_match_of(const Options& options) noexcept {
  return options.names.value_or(options.upper ? NameMatch::kExact : NameMatch::kIgnoringCase);
}

/// Shared by all threads that handle requests; safe for concurrent use.
class FileSystem {
 public:
  FileSystem(Image image, const Options& options, WarningSink warning);

  const PosixView& view() const noexcept { return view_; }
  PosixView& view() noexcept { return view_; }
  const Image& image() const noexcept { return view_.image(); }
  Listings& listings() noexcept { return listings_; }
  ReplyBuffers& buffers() noexcept { return buffers_; }
  NameMatch name_match() const noexcept { return name_match_of(options_); }
  bool has_stream_paths() const noexcept { return options_.streams == StreamNames::kPaths; }
  StreamXattrs stream_xattrs() const noexcept {
    return options_.streams == StreamNames::kNone ? StreamXattrs::kHidden : StreamXattrs::kShown;
  }

  /// The file that a name in a directory refers to, with all that the kernel needs for a lookup.
  struct Found {
    Node node;
    FileInfo info;
  };
  /// Throws kCorrupt for a directory that the kernel already knows at another place in the tree:
  /// links below it would have no defined depth.
  Found find_in(FileId directory, FileId file);

  /// Returns the target of a link; nullopt for what appears as a file or directory, which includes
  /// links that Linux cannot express. Those are logged.
  std::optional<std::string> link_target(Node node, const FileInfo& info);

  /// Returns the attributes of a node, whose file `info` describes, with the mount's options
  /// applied.
  struct stat stat_of(Node node, const FileInfo& info);
  FileId parent_of(FileId directory) const { return places_.of(directory).parent; }
  struct statvfs statistics() const;

  /// To be called after `size` bytes at `offset` of a stream have been read. The regions of an
  /// image must not be written to, but a mount may exist for long, and overwritten bytes must not
  /// be taken for the image's. Throws kCorrupt if a region that they came from has another size, or
  /// was written to, since the image was opened. Changes that leave no trace there (a time set
  /// back, a write to the underlying disk) are not detected.
  void require_unchanged(const Stream& stream, std::uint64_t offset, std::uint64_t size) const;

  /// Returns the errno for the exception that is being handled; logs damage.
  int errno_of_exception() noexcept;
  /// Logs something in the image that is not shown.
  void report(const std::string& text) noexcept { damage_.report(text); }

  /// Optional requests that the kernel can omit, as it says in its first request.
  struct Kernel {
    std::atomic<bool> needs_no_open = false;
    std::atomic<bool> needs_no_opendir = false;
  };
  Kernel& kernel() noexcept { return kernel_; }

 private:
  Options options_;
  PosixView view_;
  DirectoryPlaces places_;
  Listings listings_;
  ReplyBuffers buffers_;
  DamageLog damage_;
  Kernel kernel_;
};

/// Returns the functions that handle the kernel's requests, for a session whose user data is a
/// FileSystem.
const fuse_lowlevel_ops& callbacks() noexcept;

}  // namespace cim::mount::fuse
