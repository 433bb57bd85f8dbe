// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "mount/fuse/file_system.h"

#include <cerrno>
#include <exception>
#include <new>
#include <utility>

#include <unistd.h>

#include "cimlib/error.h"

namespace cim::mount {
namespace {

constexpr std::uint32_t kStatisticsBlock = 4096;

// A name has at most 255 UTF-16 units; each takes up to three bytes in WTF-8.
constexpr unsigned long kMaxNameBytes = 765;

Options with_owner(Options options) {
  options.user = options.user.value_or(::getuid());
  options.group = options.group.value_or(::getgid());
  return options;
}

timespec to_timespec(UnixTime time) {
  return {.tv_sec = time.seconds, .tv_nsec = static_cast<long>(time.nanoseconds)};
}

int errno_of(ErrorCode code) noexcept {
  switch (code) {
    case ErrorCode::kNotFound:
      return ENOENT;
    case ErrorCode::kExists:
      return EEXIST;
    case ErrorCode::kUnsupported:
      return EOPNOTSUPP;
    case ErrorCode::kInvalidArgument:
      return EINVAL;
    case ErrorCode::kLimit:
      return E2BIG;
    case ErrorCode::kBusy:
      return EBUSY;
    case ErrorCode::kAccessDenied:
      return EACCES;
    case ErrorCode::kNoSpace:
      return ENOSPC;
    case ErrorCode::kCancelled:
      return EINTR;
    case ErrorCode::kIo:
    case ErrorCode::kCorrupt:
      break;
  }
  return EIO;
}

}  // namespace

void DamageLog::report(const std::string& text) noexcept {
  constexpr std::size_t kMaxReported = 1000;
  try {
    const std::lock_guard lock(mutex_);
    if (sink_ && reported_.size() < kMaxReported && reported_.insert(text).second) {
      sink_(text);
    }
  } catch (const std::exception&) {
    // A log that can't be written must not keep the mount from answering.
  }
}

FileSystem::FileSystem(Image image, const Options& options, WarningSink warning)
    : options_(with_owner(options)),
      view_(std::move(image)),
      listings_(view_.image()),
      regions_(view_.image()),
      damage_(std::move(warning)) {}

struct stat FileSystem::stat_of(Node node) const {
  const PosixAttributes attributes = view_.attributes(node);
  struct stat status {};
  status.st_ino = attributes.inode;
  status.st_mode = S_ISLNK(attributes.mode) ? attributes.mode : attributes.mode & ~options_.umask;
  status.st_nlink = attributes.link_count;
  status.st_uid = *options_.user;
  status.st_gid = *options_.group;
  status.st_size = static_cast<off_t>(attributes.size);
  status.st_blocks = static_cast<blkcnt_t>(attributes.blocks);
  status.st_blksize = kStatisticsBlock;
  status.st_atim = to_timespec(attributes.access);
  status.st_mtim = to_timespec(attributes.modification);
  status.st_ctim = to_timespec(attributes.change);
  return status;
}

struct statvfs FileSystem::statistics() const {
  std::uint64_t size = 0;
  for (const Region& region : image().regions()) {
    size += region.size;
  }
  struct statvfs statistics {};
  statistics.f_bsize = kStatisticsBlock;
  statistics.f_frsize = kStatisticsBlock;
  statistics.f_blocks = size / kStatisticsBlock;
  statistics.f_files = image().max_file_id();
  statistics.f_namemax = kMaxNameBytes;
  return statistics;
}

int FileSystem::errno_of_exception() noexcept {
  try {
    throw;
  } catch (const Error& error) {
    const int result = errno_of(error.code());
    if (result == EIO || result == EOPNOTSUPP) {
      damage_.report(error.what());
    }
    return result;
  } catch (const std::bad_alloc&) {
    return ENOMEM;
  } catch (const std::exception& error) {
    damage_.report(error.what());
    return EIO;
  }
}

}  // namespace cim::mount
