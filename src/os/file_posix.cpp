// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
// Positional calls are repeated after signals and short transfers, so that callers see whole
// results only.
#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <utility>

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include "os/descriptor_posix.h"
#include "os/file.h"
#include "os/host_path.h"
#include "os/system_error.h"

namespace cim {
namespace {

struct stat stat_of(int descriptor, const std::filesystem::path& path) {
  struct stat status {};
  if (::fstat(descriptor, &status) != 0) {
    throw_system_error(errno, path.string(), "access");
  }
  return status;
}

// The most bytes of one call that writes. File systems cache a larger write in larger contiguous
// memory, which took six times as long on a virtual machine that gets such memory from its host.
constexpr std::size_t kWriteSize = std::size_t{256} << 10;
constexpr std::size_t kMostPieces = 64;  // every system takes sixteen times as many

// Opens without blocking, so that a FIFO of that name cannot hang us; regular files ignore the
// flag.
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

Descriptor open_directory(const std::filesystem::path& directory) {
  Descriptor descriptor(open_retrying(directory, O_RDONLY | O_DIRECTORY));
  if (!descriptor) {
    throw_system_error(errno, directory.string(), "open");
  }
  return descriptor;
}

// Returns the number of pieces at the beginning that have at most kWriteSize bytes together.
std::size_t count_for_one_write(std::span<const ByteView> pieces) {
  std::size_t count = 0;
  std::size_t size = 0;
  while (count < std::min(pieces.size(), kMostPieces) &&
         pieces[count].size() <= kWriteSize - size) {
    size += pieces[count].size();
    ++count;
  }
  return count;
}

// Renames a file to a name that must not be taken.
void rename_to_free(const std::filesystem::path& from, const std::filesystem::path& to) {
  if (::renameat2(AT_FDCWD, from.c_str(), AT_FDCWD, to.c_str(), RENAME_NOREPLACE) == 0) {
    return;
  }
  // Some file systems and sandboxes do not know the flag. A hard link, too, fails if the name is
  // taken.
  const bool is_unknown = errno == EINVAL || errno == ENOSYS || errno == EPERM;
  if (!is_unknown || ::link(from.c_str(), to.c_str()) != 0) {
    throw_system_error(errno, to.string(), "create");
  }
  if (::unlink(from.c_str()) != 0) {
    const int error_number = errno;
    ::unlink(to.c_str());
    throw_system_error(error_number, from.string(), "remove");
  }
}

// Rejects directories, devices and pipes: opening them succeeds, but they cannot be read at a
// position.
File regular_file(File file) {
  if (!S_ISREG(stat_of(file.descriptor(), file.path()).st_mode)) {
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

void File::close() {
  // Linux closes the descriptor even if it reports an interruption.
  if (::close(std::exchange(descriptor_, -1)) != 0 && errno != EINTR) {
    throw_system_error(errno, path_.string(), "write");
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
  return static_cast<std::uint64_t>(stat_of(descriptor_, path_).st_size);
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

// Alternates between the start of the next data and that of the next hole. A file system that does
// not report holes shows one range of data and a hole at the end.
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
    const ssize_t put = ::pwrite(descriptor_, bytes.data(), std::min(bytes.size(), kWriteSize),
                                 static_cast<off_t>(offset));
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
  std::array<iovec, kMostPieces> vectors{};
  while (!pieces.empty()) {
    const auto some = pieces.first(count_for_one_write(pieces));
    if (some.size() <= 1) {  // a large piece is written in several parts
      write_at(offset, pieces.front());
      offset += pieces.front().size();
      pieces = pieces.subspan(1);
      continue;
    }
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

void File::allow_holes() noexcept {
  // All files may have holes.
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

AtomicFile::~AtomicFile() {
  if (!published_) {
    ::unlink(file_.path().c_str());
  }
}

// The directory is opened before anything is changed. If a new name cannot be flushed it is taken
// back, since after an error callers expect that nothing is there.
void AtomicFile::publish(Publish mode, const std::function<void()>& published) {
  file_.sync();
  const std::filesystem::path directory = directory_of(target_);
  const Descriptor to_flush = open_directory(directory);
  if (mode == Publish::kFailIfThere) {
    rename_to_free(file_.path(), target_);
  } else if (::rename(file_.path().c_str(), target_.c_str()) != 0) {
    throw_system_error(errno, target_.string(), "replace");
  }
  published_ = true;
  const int result = ::fsync(to_flush.get());
  const int error_number = errno;
  const bool is_taken_back =
      result != 0 && mode == Publish::kFailIfThere && ::unlink(target_.c_str()) == 0;
  if (!is_taken_back) {
    published();
  }
  if (result != 0) {
    throw_system_error(error_number, directory.string(), "flush");
  }
}

}  // namespace cim
