// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "crash/logging_disk.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <stdexcept>
#include <string_view>

#include <fuse.h>
#include <sys/mount.h>
#include <unistd.h>

namespace cim::test {
namespace {

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

}  // namespace cim::test
