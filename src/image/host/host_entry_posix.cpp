// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
// An entry is examined before it is opened, since opening a device or FIFO can have effects, and
// again after, in case it was replaced in between. All further facts come from the descriptor.
#include "image/host/host_entry_posix.h"

#include <algorithm>
#include <cerrno>
#include <climits>
#include <span>
#include <utility>

#include <fcntl.h>
#include <fmt/format.h>
#include <linux/limits.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "cimlib/error.h"

#include "os/system_error.h"

namespace cim {
namespace {

HostKind kind_of(mode_t mode) {
  switch (mode & S_IFMT) {
    case S_IFDIR:
      return HostKind::kDirectory;
    case S_IFREG:
      return HostKind::kFile;
    case S_IFLNK:
      return HostKind::kSymlink;
    default:
      return HostKind::kOther;
  }
}

// The kernel answers EIO, once, for a file that has become a link since it was looked at, as
// reparse data do it on NTFS.
bool look_at(int directory, const std::string& name, struct stat& status) {
  const auto look = [&] {
    return ::fstatat(directory, name.c_str(), &status, AT_SYMLINK_NOFOLLOW) == 0;
  };
  return look() || (errno == EIO && look());
}

// O_NONBLOCK: a FIFO that has replaced the file meanwhile must not block the open. Links are opened
// without access (O_PATH), which is all that readlinkat(2) needs.
int flags_for(HostKind kind) {
  constexpr int kAlways = O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK;
  switch (kind) {
    case HostKind::kDirectory:
      return kAlways | O_RDONLY | O_DIRECTORY;
    case HostKind::kFile:
      return kAlways | O_RDONLY;
    default:
      return kAlways | O_PATH;
  }
}

int open_retrying_at(int directory, const char* name, int flags) {
  int descriptor = -1;
  do {
    descriptor = ::openat(directory, name, flags);
  } while (descriptor < 0 && errno == EINTR);
  return descriptor;
}

// Reading does not change access times if that can be avoided, which only a file's owner may do.
int open_entry(int directory, const char* name, HostKind kind) {
  const int flags = flags_for(kind);
  if ((flags & O_PATH) == 0) {
    const int descriptor = open_retrying_at(directory, name, flags | O_NOATIME);
    if (descriptor >= 0 || errno != EPERM) {
      return descriptor;
    }
  }
  return open_retrying_at(directory, name, flags);
}

FileTime file_time(const struct statx_timestamp& time) {
  return FileTime::from_unix({time.tv_sec, time.tv_nsec}).value_or(FileTime{});
}

// The descriptor of a link can be used only through its path.
std::string path_of_descriptor(int descriptor) {
  return fmt::format("/proc/self/fd/{}", descriptor);
}

// Holds the most that the kernel returns, for a value or a list of names.
std::span<char> xattr_buffer() {
  thread_local std::vector<char> buffer(std::max(XATTR_SIZE_MAX, XATTR_LIST_MAX));
  return buffer;
}

bool means_no_xattr(int error_number) {
  return error_number == ENODATA || error_number == EOPNOTSUPP;
}

constexpr std::size_t kPieceSize = std::size_t{1} << 20;

std::size_t read_some(const HostEntry& file, std::uint64_t at, std::span<std::byte> into) {
  ssize_t got = -1;
  do {
    got = ::pread(file.descriptor(), into.data(), into.size(), static_cast<off_t>(at));
  } while (got < 0 && errno == EINTR);
  if (got < 0) {
    throw_system_error(errno, file.path(), "read");
  }
  return static_cast<std::size_t>(got);
}

}  // namespace

HostEntry::HostEntry(int directory, const std::string& name, std::string path)
    : path_(std::move(path)) {
  struct stat status {};
  if (!look_at(directory, name, status)) {
    throw_system_error(errno, path_, "access");
  }
  kind_ = kind_of(status.st_mode);
  if (kind_ == HostKind::kOther) {
    is_whiteout_device_ = S_ISCHR(status.st_mode) && status.st_rdev == 0;
    return;  // opening it might have side effects
  }
  descriptor_ = Descriptor(open_entry(directory, name.c_str(), kind_));
  if (!descriptor_) {
    throw_system_error(errno, path_, "open");
  }
  examine();
  if (kind_of(mode_) != kind_) {
    throw Error(ErrorCode::kBusy, path_, "it was replaced while it was read");
  }
}

// statx(2) is the only call that returns the time of creation.
void HostEntry::examine() {
  struct statx status {};
  if (::statx(descriptor_.get(), "", AT_EMPTY_PATH, STATX_BASIC_STATS | STATX_BTIME, &status) !=
      0) {
    throw_system_error(errno, path_, "access");
  }
  device_ = makedev(status.stx_dev_major, status.stx_dev_minor);
  inode_ = status.stx_ino;
  mode_ = status.stx_mode;
  link_count_ = kind_ == HostKind::kDirectory ? 1 : status.stx_nlink;
  size_ = kind_ == HostKind::kFile ? status.stx_size : 0;
  times_.last_write = file_time(status.stx_mtime);
  times_.last_access = file_time(status.stx_atime);
  times_.change = file_time(status.stx_ctime);
  const bool has_birth = (status.stx_mask & STATX_BTIME) != 0;
  times_.creation = has_birth ? file_time(status.stx_btime) : times_.last_write;
}

FileTimes HostEntry::times(TimesOfFiles which) const {
  const FileTime write = times_.last_write;
  return which == TimesOfFiles::kAll ? times_ : FileTimes{write, write, write, write};
}

std::optional<Bytes> HostEntry::xattr(std::string_view name) const {
  const std::string terminated(name);
  const std::span<char> buffer = xattr_buffer();
  const ssize_t size =
      kind_ == HostKind::kSymlink
          ? ::getxattr(path_of_descriptor(descriptor()).c_str(), terminated.c_str(), buffer.data(),
                       buffer.size())
          : ::fgetxattr(descriptor(), terminated.c_str(), buffer.data(), buffer.size());
  if (size < 0) {
    if (means_no_xattr(errno)) {
      return std::nullopt;
    }
    if (errno == E2BIG || errno == ERANGE) {
      throw Error(ErrorCode::kLimit, path_,
                  fmt::format("the extended attribute {} is too long for this system", name));
    }
    throw_system_error(errno, path_, "read an extended attribute of");
  }
  const ByteView value = std::as_bytes(buffer.first(static_cast<std::size_t>(size)));
  return Bytes(value.begin(), value.end());
}

std::vector<std::string> HostEntry::xattr_names() const {
  const std::span<char> list = xattr_buffer();
  const ssize_t size =
      kind_ == HostKind::kSymlink
          ? ::listxattr(path_of_descriptor(descriptor()).c_str(), list.data(), list.size())
          : ::flistxattr(descriptor(), list.data(), list.size());
  if (size < 0) {
    if (means_no_xattr(errno)) {
      return {};
    }
    throw_system_error(errno, path_, "list the extended attributes of");
  }
  std::vector<std::string> names;
  for (std::size_t at = 0; at < static_cast<std::size_t>(size);) {
    names.emplace_back(list.data() + at);
    at += names.back().size() + 1;
  }
  return names;
}

std::string HostEntry::link_target() const {
  std::string target(PATH_MAX, '\0');
  const ssize_t size = ::readlinkat(descriptor(), "", target.data(), target.size());
  if (size < 0) {
    throw_system_error(errno, path_, "read the link");
  }
  target.resize(static_cast<std::size_t>(size));
  return target;
}

bool HostEntry::has_holes() const {
  const off_t hole = ::lseek(descriptor(), 0, SEEK_HOLE);
  return hole >= 0 && static_cast<std::uint64_t>(hole) < size_;
}

SparseReader::SparseReader() : buffer_(kPieceSize) {}

void SparseReader::read(const HostEntry& file, const std::function<void(std::uint64_t)>& hole,
                        const std::function<void(ByteView)>& data) {
  const int descriptor = file.descriptor();
  for (std::uint64_t at = 0; at < file.size();) {
    const off_t found = ::lseek(descriptor, static_cast<off_t>(at), SEEK_DATA);
    if (found < 0 && errno == ENXIO) {
      // No data follows. The caller writes nothing for a file that is one hole.
      if (at != 0) {
        hole(file.size() - at);
      }
      return;
    }
    // Everything is data on a file system that does not support SEEK_DATA.
    const std::uint64_t start =
        found < 0 ? at : std::min(static_cast<std::uint64_t>(found), file.size());
    if (start != at) {
      hole(start - at);
    }
    const off_t end = found < 0 ? -1 : ::lseek(descriptor, found, SEEK_HOLE);
    at = end < 0 ? file.size() : std::min(static_cast<std::uint64_t>(end), file.size());
    read_range(file, start, at, data);
  }
}

void SparseReader::read_range(const HostEntry& file, std::uint64_t start, std::uint64_t end,
                              const std::function<void(ByteView)>& data) {
  while (start < end) {
    const auto wanted =
        static_cast<std::size_t>(std::min<std::uint64_t>(end - start, buffer_.size()));
    const std::size_t got = read_some(file, start, std::span(buffer_).first(wanted));
    if (got == 0) {
      throw Error(ErrorCode::kIo, file.path(), "it was truncated while it was read");
    }
    data(std::span(buffer_).first(got));
    start += got;
  }
}

}  // namespace cim
