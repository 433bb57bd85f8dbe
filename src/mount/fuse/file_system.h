// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// What the callbacks of a mount share: the image, how it shows, and the translation of failures.
// Inode numbers and contents follow from the image alone; what the kernel has looked up matters
// only for where links lead.

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

#include "mount/fuse/answer_buffers.h"
#include "mount/fuse/directory_places.h"
#include "mount/fuse/listing.h"
#include "mount/ntfs_xattrs.h"
#include "mount/posix_view.h"
#include "os/seeded_hash.h"

namespace cim::mount {

/// Passes every text on once, so that a damaged file read a thousand times does not flood a log.
class DamageLog {
 public:
  explicit DamageLog(WarningSink sink) : sink_(std::move(sink)) {}

  void report(const std::string& text) noexcept;

 private:
  WarningSink sink_;
  std::mutex mutex_;
  SeededSet<std::string> reported_;
};

/// What Options::names means.
constexpr NameMatch name_match_of(const Options& options) noexcept {
  return options.names.value_or(options.upper ? NameMatch::kExact : NameMatch::kIgnoringCase);
}

class FileSystem {
 public:
  FileSystem(Image image, const Options& options, WarningSink warning);

  const PosixView& view() const noexcept { return view_; }
  PosixView& view() noexcept { return view_; }
  const Image& image() const noexcept { return view_.image(); }
  Listings& listings() noexcept { return listings_; }
  AnswerBuffers& buffers() noexcept { return buffers_; }
  NameMatch name_match() const noexcept { return name_match_of(options_); }
  bool has_stream_paths() const noexcept { return options_.streams == StreamNames::kPaths; }
  StreamXattrs stream_xattrs() const noexcept {
    return options_.streams == StreamNames::kNone ? StreamXattrs::kHidden : StreamXattrs::kShown;
  }

  /// What a name in a directory stands for, with all that the kernel wants to know at once.
  struct Found {
    Node node;
    FileInfo info;
  };
  /// Throws kCorrupt for a directory that the kernel knows from elsewhere: with two places in the
  /// tree, links below it would have no depth.
  Found find_in(FileId directory, FileId file);

  /// Where a link leads; nothing for what shows as a file or directory. A link that Linux cannot
  /// have is one of those, and is logged.
  std::optional<std::string> link_target(Node node, const FileInfo& info);

  struct stat stat_of(Node node, const FileInfo& info);
  FileId parent_of(FileId directory) const { return places_.of(directory).parent; }
  struct statvfs statistics() const;

  /// The errno for the exception that is being handled; damage is logged.
  int errno_of_exception() noexcept;
  /// Logs what is not shown of the image.
  void report(const std::string& text) noexcept { damage_.report(text); }

  /// What the kernel can do without, told at its first request.
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
  AnswerBuffers buffers_;
  DamageLog damage_;
  Kernel kernel_;
};

}  // namespace cim::mount
