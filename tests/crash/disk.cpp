// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "crash/disk.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <system_error>
#include <utility>

#include <fcntl.h>
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

LoopMount::LoopMount(int file, std::string type) : file_(file), type_(std::move(type)) {
  mount();
}

void LoopMount::mount() {
  attach();
  // XFS rejects a second file system of the same UUID, and every state has the same.
  const char* const options = type_ == "xfs" ? "nouuid" : "";
  if (::mount(device_.c_str(), path().c_str(), type_.c_str(), MS_NOATIME, options) != 0) {
    const int error = errno;
    detach();
    errno = error;
    fail("mount of " + type_);
  }
}

void LoopMount::remount() {
  checked(::umount(path().c_str()), "unmount");
  detach();
  mount();
}

// Another process may take the free device first.
void LoopMount::attach() {
  const int control = checked(::open("/dev/loop-control", O_RDWR | O_CLOEXEC), "loop-control");
  for (int attempt = 0;; ++attempt) {
    device_ = "/dev/loop" + std::to_string(::ioctl(control, LOOP_CTL_GET_FREE));
    loop_ = ::open(device_.c_str(), O_RDWR | O_CLOEXEC);
    loop_config configuration{};
    configuration.fd = static_cast<std::uint32_t>(file_);
    configuration.info.lo_flags = LO_FLAGS_AUTOCLEAR;  // also if this process is killed
    if (loop_ >= 0 && ::ioctl(loop_, LOOP_CONFIGURE, &configuration) == 0) {
      break;
    }
    const int error = errno;
    if (loop_ >= 0) {
      ::close(std::exchange(loop_, -1));
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

void LoopMount::detach() {
  if (loop_ >= 0) {
    ::ioctl(loop_, LOOP_CLR_FD);
    ::close(std::exchange(loop_, -1));
  }
}

LoopMount::~LoopMount() {
  ::umount(path().c_str());
  detach();
}

}  // namespace cim::test
