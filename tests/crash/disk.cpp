// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "crash/disk.h"

#include <array>
#include <cerrno>
#include <cstring>
#include <string_view>
#include <system_error>

#include <fcntl.h>
#include <fuse.h>
#include <linux/loop.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <unistd.h>

namespace cim::test {
namespace {

[[noreturn]] void fail(const std::string& what) {
  throw std::system_error(errno, std::generic_category(), what);
}

template <typename Result>
Result checked(Result result, const std::string& what) {
  if (result < 0) {
    fail(what);
  }
  return result;
}

constexpr std::string_view kName = "/disk";
constexpr std::size_t kAtOnce = 4096;

LoggingDisk& this_disk() {
  return *static_cast<LoggingDisk*>(::fuse_get_context()->private_data);
}

int get_attributes(const char* path, struct stat* status, fuse_file_info* /*file*/) {
  *status = {};
  status->st_nlink = 1;
  if (path == std::string_view("/")) {
    status->st_mode = S_IFDIR | 0755;
    return 0;
  }
  status->st_mode = S_IFREG | 0600;
  status->st_size = static_cast<off_t>(this_disk().disk().size());
  return path == kName ? 0 : -ENOENT;
}

int read_disk(const char* /*path*/, char* into, std::size_t size, off_t offset,
              fuse_file_info* /*file*/) {
  const ssize_t got = ::pread(this_disk().disk().descriptor(), into, size, offset);
  return got < 0 ? -errno : static_cast<int>(got);
}

int write_disk(const char* /*path*/, const char* bytes, std::size_t size, off_t offset,
               fuse_file_info* /*file*/) {
  LoggingDisk& disk = this_disk();
  const ByteView view = std::as_bytes(std::span(bytes, size));
  disk.disk().write(static_cast<std::uint64_t>(offset), view);
  disk.log_write(static_cast<std::uint64_t>(offset), view);
  return static_cast<int>(size);
}

int flush_disk(const char* /*path*/, int /*data_only*/, fuse_file_info* /*file*/) {
  this_disk().log_flush();
  return 0;
}

}  // namespace

MemoryDisk::MemoryDisk(std::uint64_t size)
    : size_(size), descriptor_(checked(::memfd_create("disk", MFD_CLOEXEC), "memfd_create")) {
  checked(::ftruncate(descriptor_, static_cast<off_t>(size)), "ftruncate");
}

MemoryDisk::~MemoryDisk() {
  ::close(descriptor_);
}

std::filesystem::path MemoryDisk::path() const {
  return "/proc/" + std::to_string(::getpid()) + "/fd/" + std::to_string(descriptor_);
}

void MemoryDisk::write(std::uint64_t offset, ByteView bytes) const {
  while (!bytes.empty()) {
    const auto put = static_cast<std::size_t>(checked(
        ::pwrite(descriptor_, bytes.data(), bytes.size(), static_cast<off_t>(offset)), "pwrite"));
    bytes = bytes.subspan(put);
    offset += put;
  }
}

void MemoryDisk::copy_from(const MemoryDisk& other) const {
  checked(::ftruncate(descriptor_, 0), "ftruncate");
  checked(::ftruncate(descriptor_, static_cast<off_t>(size_)), "ftruncate");
  static std::array<std::byte, 1U << 16> buffer;
  off_t end = 0;
  for (off_t at = ::lseek(other.descriptor_, 0, SEEK_DATA); at >= 0;
       at = ::lseek(other.descriptor_, end, SEEK_DATA)) {
    end = ::lseek(other.descriptor_, at, SEEK_HOLE);
    while (at < end) {
      const std::size_t part = std::min(buffer.size(), static_cast<std::size_t>(end - at));
      const ssize_t got = checked(::pread(other.descriptor_, buffer.data(), part, at), "pread");
      write(static_cast<std::uint64_t>(at), ByteView(buffer).first(static_cast<std::size_t>(got)));
      at += got;
    }
  }
}

LoggingDisk::LoggingDisk(const MemoryDisk& disk) : disk_(disk) {
  fuse_operations operations{};
  operations.getattr = get_attributes;
  operations.read = read_disk;
  operations.write = write_disk;
  operations.fsync = flush_disk;
  std::array<char*, 2> words = {const_cast<char*>("disk"), nullptr};  // libfuse copies it
  fuse_args arguments = FUSE_ARGS_INIT(1, words.data());
  fuse* const made = ::fuse_new(&arguments, &operations, sizeof operations, this);
  if (made == nullptr || ::fuse_mount(made, mount_point_.path().c_str()) != 0) {
    throw std::runtime_error("FUSE cannot be used");
  }
  fuse_ = made;
  thread_ = std::thread([made] { ::fuse_loop(made); });  // one request after the other
}

LoggingDisk::~LoggingDisk() {
  ::umount2(mount_point_.path().c_str(), MNT_DETACH);  // ends the loop
  thread_.join();
  ::fuse_destroy(static_cast<fuse*>(fuse_));
}

void LoggingDisk::log_write(std::uint64_t offset, ByteView bytes) {
  const std::lock_guard lock(mutex_);
  while (!bytes.empty()) {
    const std::size_t size = std::min(kAtOnce - offset % kAtOnce, bytes.size());
    log_.push_back(
        {offset, Bytes(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(size))});
    bytes = bytes.subspan(size);
    offset += size;
  }
}

void LoggingDisk::log_flush() {
  const std::lock_guard lock(mutex_);
  log_.emplace_back();
}

std::size_t LoggingDisk::log_size() {
  const std::lock_guard lock(mutex_);
  return log_.size();
}

std::vector<DiskRequest> LoggingDisk::requests() {
  const std::lock_guard lock(mutex_);
  return log_;
}

LoopMount::LoopMount(int file, const std::string& type) {
  attach(file);
  // XFS rejects a second file system of the same UUID, and every state has the same.
  const char* const options = type == "xfs" ? "nouuid" : "";
  if (::mount(device_.c_str(), path().c_str(), type.c_str(), MS_NOATIME, options) != 0) {
    const int error = errno;
    ::ioctl(loop_, LOOP_CLR_FD);
    ::close(loop_);
    errno = error;
    fail("mount of " + type);
  }
}

// Another process may take the free device first.
void LoopMount::attach(int file) {
  const int control = checked(::open("/dev/loop-control", O_RDWR | O_CLOEXEC), "loop-control");
  for (int attempt = 0;; ++attempt) {
    device_ = "/dev/loop" + std::to_string(::ioctl(control, LOOP_CTL_GET_FREE));
    loop_ = ::open(device_.c_str(), O_RDWR | O_CLOEXEC);
    loop_config configuration{};
    configuration.fd = static_cast<std::uint32_t>(file);
    if (loop_ >= 0 && ::ioctl(loop_, LOOP_CONFIGURE, &configuration) == 0) {
      break;
    }
    const int error = errno;
    if (loop_ >= 0) {
      ::close(loop_);
    }
    if (error != EBUSY || attempt == 100) {
      ::close(control);
      errno = error;
      fail(device_);
    }
  }
  ::close(control);
}

void LoopMount::sync() const {
  const int root = checked(::open(path().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC), "open");
  ::syncfs(root);
  ::close(root);
}

LoopMount::~LoopMount() {
  ::umount(path().c_str());
  ::ioctl(loop_, LOOP_CLR_FD);
  ::close(loop_);
}

}  // namespace cim::test
