// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "mount/fuse/file_system.h"

#include <cerrno>
#include <exception>
#include <new>
#include <utility>

#include <fmt/format.h>
#include <unistd.h>

#include "cimlib/error.h"

#include "image/read/image_reader.h"
#include "ntfs/timespec_posix.h"

namespace cim::mount::fuse {
namespace {

constexpr std::uint32_t kStatisticsBlock = 4096;

// A name has at most 255 UTF-16 units; each takes up to three bytes in WTF-8.
constexpr unsigned long kMaxNameBytes = 765;

Options with_owner(Options options) {
  options.user = options.user.value_or(::getuid());
  options.group = options.group.value_or(::getgid());
  return options;
}

int errno_of(ErrorCode code) noexcept {
  switch (code) {
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
    case ErrorCode::kNotFound:  // a region, since a name that does not exist is not an error
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
    // A failure to write the log must not become a failure of the request.
  }
}

FileSystem::FileSystem(Image image, const Options& options, WarningSink warning)
    : options_(with_owner(options)),
      view_(std::move(image)),
      places_(view_.image().root(), view_.place_of_root()),
      listings_(view_.image()),
      damage_(std::move(warning)) {}

FileSystem::Found FileSystem::find_in(FileId directory, FileId file) {
  Found found = {.node = {file}, .info = image().info(file)};
  if (found.info.is_directory()) {
    const LinkPlace place = view_.place_in(places_.of(directory).place, file);
    if (!places_.add(file, {.parent = directory, .place = place})) {
      throw Error(ErrorCode::kCorrupt, image().path().string(),
                  fmt::format("directory {} has a second name, in directory {}", file, directory));
    }
  } else if (may_be_link(found.info) && found.info.parent != directory) {
    if (directory > kMaxDirectoryOfLink) {
      throw Error(ErrorCode::kLimit, image().path().string(),
                  fmt::format("directory {} has a hard link; directories can have {}", directory,
                              kMaxDirectoryOfLink));
    }
    found.node.directory = directory;
  }
  return found;
}

// A directory has one place, which find_in() has recorded; another file may have several, and the
// node says which one is meant.
std::optional<std::string> FileSystem::link_target(Node node, const FileInfo& info) {
  if (!may_be_link(info)) {
    return std::nullopt;
  }
  FileId directory = node.directory != 0 ? node.directory : info.parent;
  if (info.is_directory()) {
    directory = parent_of(node.file);
  }
  LinkTarget target = view_.link_target(info, places_.of(directory).place);
  if (!target.obstacle.empty()) {
    report(fmt::format("{}: link {} {}; not shown as a link", image().path().string(), node.file,
                       target.obstacle));
    return std::nullopt;
  }
  return std::move(target.text);
}

struct stat FileSystem::stat_of(Node node, const FileInfo& info) {
  const PosixAttributes attributes =
      view_.attributes(node, info, node.stream == 0 ? link_target(node, info) : std::nullopt);
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

// Regions that several images share count for each of them.
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

void FileSystem::require_unchanged(const Stream& stream, std::uint64_t offset,
                                   std::uint64_t size) const {
  const std::uint64_t end = offset + size;
  for (const Extent& extent : stream.extents()) {
    const bool is_hole = extent.region_offset == 0;
    if (is_hole || extent.stream_offset + extent.size <= offset || extent.stream_offset >= end) {
      continue;
    }
    if (!reader_of(image()).files().is_unchanged(extent.region)) {
      throw Error(ErrorCode::kCorrupt, image().regions()[extent.region].path.string(),
                  "it was changed while the image was mounted");
    }
  }
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

}  // namespace cim::mount::fuse
