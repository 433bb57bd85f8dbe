// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include <algorithm>
#include <array>
#include <cerrno>
#include <climits>
#include <cstdio>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include "cimlib/guid.h"

#include "os/descriptor_posix.h"
#include "os/file.h"
#include "os/system_error.h"

namespace cim {
namespace {

constexpr std::size_t kLongestName = 255;  // on Linux's file systems

int open_retrying(const std::filesystem::path& path, int flags, mode_t mode = 0) {
  int descriptor = -1;
  do {
    descriptor = ::open(path.c_str(), flags | O_CLOEXEC, mode);
  } while (descriptor < 0 && errno == EINTR);
  return above_standard(descriptor);
}

std::filesystem::path directory_of(const std::filesystem::path& path) {
  const auto parent = path.parent_path();
  return parent.empty() ? "." : parent;
}

struct stat status_of(int descriptor, const std::filesystem::path& path) {
  struct stat status {};
  if (::fstat(descriptor, &status) != 0) {
    throw_system_error(errno, path.string(), "access");
  }
  return status;
}

// Opens without blocking, so that a FIFO of that name can't hang us; regular files ignore the flag.
int open_for_reading(const std::filesystem::path& path, int more_flags) {
  const int descriptor = open_retrying(path, O_RDONLY | O_NONBLOCK | more_flags);
  if (descriptor < 0) {
    if (errno == ELOOP && (more_flags & O_NOFOLLOW) != 0) {
      throw Error(ErrorCode::kInvalidArgument, path.string(),
                  "is a symbolic link, which is not followed here");
    }
    throw_system_error(errno, path.string(), "open");
  }
  return descriptor;
}

File regular_file(File file) {
  if (!S_ISREG(status_of(file.descriptor(), file.path()).st_mode)) {
    throw Error(ErrorCode::kInvalidArgument, file.path().string(), "not a regular file");
  }
  return file;
}

}  // namespace

File::~File() {
  if (descriptor_ >= 0) {
    ::close(descriptor_);  // sync() has flushed what must be on disk, and reported errors
  }
}

File File::open_read(const std::filesystem::path& path) {
  return regular_file(adopt(open_for_reading(path, 0), path));
}

File File::open_read_unlinked(const std::filesystem::path& path) {
  return regular_file(adopt(open_for_reading(path, O_NOFOLLOW), path));
}

File File::create_new(const std::filesystem::path& path) {
  const int descriptor = open_retrying(path, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW, 0644);
  if (descriptor < 0) {
    throw_system_error(errno, path.string(), "create");
  }
  return {descriptor, path};
}

std::uint64_t File::size() const {
  return static_cast<std::uint64_t>(status_of(descriptor_, path_).st_size);
}

FileStamp File::stamp() const {
  struct stat status {};
  if (::fstat(descriptor_, &status) != 0) {
    throw_system_error(errno, path_.string(), "access");
  }
  return {.device = status.st_dev,
          .number = status.st_ino,
          .size = static_cast<std::uint64_t>(status.st_size),
          .written = status.st_mtim.tv_sec,
          .written_fraction = status.st_mtim.tv_nsec};
}

std::uint64_t File::size_without_holes() const {
  const std::uint64_t end = size();
  std::uint64_t held = 0;
  for (off_t hole = 0; static_cast<std::uint64_t>(hole) < end;) {
    const off_t data = ::lseek(descriptor_, hole, SEEK_DATA);
    if (data < 0) {
      return errno == ENXIO ? held : end;  // a hole up to the end, or holes are not reported
    }
    hole = ::lseek(descriptor_, data, SEEK_HOLE);
    if (hole <= data) {
      return end;
    }
    held += static_cast<std::uint64_t>(hole - data);
  }
  return held;
}

std::size_t File::read_some_at(std::uint64_t offset, std::span<std::byte> into) const {
  std::size_t done = 0;
  while (done < into.size()) {
    const auto at = static_cast<off_t>(offset + done);
    const ssize_t got = ::pread(descriptor_, into.data() + done, into.size() - done, at);
    if (got < 0) {
      if (errno == EINTR) {
        continue;
      }
      throw_system_error(errno, path_.string(), "read");
    }
    if (got == 0) {
      break;
    }
    done += static_cast<std::size_t>(got);
  }
  return done;
}

void File::write_at(std::uint64_t offset, ByteView bytes) {
  while (!bytes.empty()) {
    const ssize_t put =
        ::pwrite(descriptor_, bytes.data(), bytes.size(), static_cast<off_t>(offset));
    if (put < 0 && errno == EINTR) {
      continue;
    }
    if (put <= 0) {
      throw_system_error(put < 0 ? errno : EIO, path_.string(), "write");
    }
    bytes = bytes.subspan(static_cast<std::size_t>(put));
    offset += static_cast<std::uint64_t>(put);
  }
}

void File::write_pieces_at(std::uint64_t offset, std::span<const ByteView> pieces) {
  constexpr std::size_t kMostAtOnce = 64;  // every system takes sixteen times as many
  std::array<iovec, kMostAtOnce> vectors{};
  while (!pieces.empty()) {
    const auto some = pieces.first(std::min(pieces.size(), vectors.size()));
    std::ranges::transform(some, vectors.begin(), [](ByteView piece) {
      return iovec{const_cast<std::byte*>(piece.data()), piece.size()};  // only read by the call
    });
    const ssize_t put = ::pwritev(descriptor_, vectors.data(), static_cast<int>(some.size()),
                                  static_cast<off_t>(offset));
    if (put == 0 || (put < 0 && errno != EINTR)) {
      throw_system_error(put < 0 ? errno : EIO, path_.string(), "write");
    }
    auto left = static_cast<std::size_t>(std::max<ssize_t>(put, 0));
    offset += left;
    while (!pieces.empty() && left >= pieces.front().size()) {
      left -= pieces.front().size();
      pieces = pieces.subspan(1);
    }
    if (left > 0) {  // the system wrote part of a piece
      write_at(offset, pieces.front().subspan(left));
      offset += pieces.front().size() - left;
      pieces = pieces.subspan(1);
    }
  }
}

void File::resize(std::uint64_t size) {
  if (::ftruncate(descriptor_, static_cast<off_t>(size)) != 0) {
    throw_system_error(errno, path_.string(), "set the size of");
  }
}

void File::start_reading(std::uint64_t offset, std::uint64_t size) const noexcept {
  // Only a hint: if it fails, the read that follows does the work and reports errors.
  ::posix_fadvise(descriptor_, static_cast<off_t>(offset), static_cast<off_t>(size),
                  POSIX_FADV_WILLNEED);
}

void File::read_nothing_ahead() noexcept {
  // Only a hint: if it fails, reads are just slower.
  ::posix_fadvise(descriptor_, 0, 0, POSIX_FADV_RANDOM);
}

void File::start_writeback(std::uint64_t offset, std::uint64_t size) {
  sync_range(offset, size, SYNC_FILE_RANGE_WRITE);
}

void File::wait_for_writeback() {
  sync_range(0, 0,
             SYNC_FILE_RANGE_WAIT_BEFORE | SYNC_FILE_RANGE_WRITE | SYNC_FILE_RANGE_WAIT_AFTER);
}

// The kernel reports a failed write once per descriptor and then considers the pages clean: an
// error returned here is not returned by a later fdatasync().
void File::sync_range(std::uint64_t offset, std::uint64_t size, unsigned flags) {
  const int result = ::sync_file_range(descriptor_, static_cast<off64_t>(offset),
                                       static_cast<off64_t>(size), flags);
  // If a sandbox forbids the call, nothing was done, and sync() does it all.
  if (result != 0 && errno != ENOSYS && errno != EPERM) {
    throw_system_error(errno, path_.string(), "write to disk");
  }
}

void File::sync() {
  if (::fdatasync(descriptor_) != 0) {
    throw_system_error(errno, path_.string(), "flush");
  }
}

// Once the blocks of all files are on disk, one commit of the journal covers all flushes.
void sync_together(std::span<File* const> files) {
  for (File* const file : files) {
    file->start_writeback(0, 0);
  }
  for (File* const file : files) {
    file->wait_for_writeback();
  }
  for (File* const file : files) {
    file->sync();
  }
}

// The name is unguessable rather than locked: two writers never collide, and a file left by a
// killed process has a name that shows what it is.
std::filesystem::path temporary_name(const std::filesystem::path& target) {
  const std::string own = fmt::format(".{}.tmp", Guid::random().to_string());
  std::string name = "." + target.filename().string();
  if (name.size() > kLongestName - own.size()) {
    std::size_t end = kLongestName - own.size();
    while (end > 1 && (static_cast<unsigned char>(name[end]) & 0xC0U) == 0x80U) {
      --end;  // not within a character
    }
    name.resize(end);
  }
  return directory_of(target) / (name + own);
}

AtomicFile::~AtomicFile() {
  if (!published_) {
    ::unlink(file_.path().c_str());
  }
}

void AtomicFile::publish(Publish mode, const std::function<void()>& published) {
  file_.sync();
  const auto* const from = file_.path().c_str();
  const auto* const to = target_.c_str();
  if (mode == Publish::kFailIfThere) {
    // A hard link fails if the name is taken, on every file system that has hard links.
    if (::link(from, to) != 0) {
      throw_system_error(errno, target_.string(), "create");
    }
    ::unlink(from);
  } else if (::rename(from, to) != 0) {
    throw_system_error(errno, target_.string(), "replace");
  }
  published_ = true;
  published();
  sync_directory(directory_of(target_));
}

void sync_directory(const std::filesystem::path& directory) {
  const int descriptor = open_retrying(directory, O_RDONLY | O_DIRECTORY);
  if (descriptor < 0) {
    throw_system_error(errno, directory.string(), "open");
  }
  const int result = ::fsync(descriptor);
  const int error_number = errno;
  ::close(descriptor);
  if (result != 0) {
    throw_system_error(error_number, directory.string(), "flush");
  }
}

void rename_file(const std::filesystem::path& from, const std::filesystem::path& to) {
  if (::rename(from.c_str(), to.c_str()) != 0) {
    throw_system_error(errno, from.string(), "rename");
  }
}

bool is_same_file(const std::filesystem::path& a, const std::filesystem::path& b) {
  std::error_code not_there;
  return std::filesystem::equivalent(a, b, not_there);
}

bool remove_file(const std::filesystem::path& path) {
  if (::unlink(path.c_str()) == 0) {
    return true;
  }
  if (errno == ENOENT) {
    return false;
  }
  throw_system_error(errno, path.string(), "remove");
}

bool remove_empty_directory(const std::filesystem::path& path) {
  if (::rmdir(path.c_str()) == 0) {
    return true;
  }
  // Some file systems report EEXIST for a directory that is not empty.
  if (errno == ENOENT || errno == ENOTDIR || errno == ENOTEMPTY || errno == EEXIST) {
    return false;
  }
  throw_system_error(errno, path.string(), "remove");
}

}  // namespace cim
