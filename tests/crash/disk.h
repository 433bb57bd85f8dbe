// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// Disks of file systems under test: in memory, mounted through loop devices, and one that logs what
// it is told to write and when it is told to flush.

#include <cstdint>
#include <filesystem>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "base/bytes.h"
#include "temporary_directory.h"

namespace cim::test {

/// A sparse file in memory.
class MemoryDisk {
 public:
  /// Of zeros.
  explicit MemoryDisk(std::uint64_t size);
  MemoryDisk(const MemoryDisk&) = delete;
  MemoryDisk& operator=(const MemoryDisk&) = delete;
  ~MemoryDisk();

  int descriptor() const noexcept { return descriptor_; }
  std::uint64_t size() const noexcept { return size_; }
  /// By which other programs reach it while this process lives.
  std::filesystem::path path() const;

  void write(std::uint64_t offset, ByteView bytes) const;
  /// Makes this disk, of the same size, the same as another.
  void copy_from(const MemoryDisk& other) const;

 private:
  std::uint64_t size_;
  int descriptor_;
};

/// A write, or a flush if there are no bytes.
struct DiskRequest {
  std::uint64_t offset = 0;
  Bytes bytes{};

  bool is_flush() const noexcept { return bytes.empty(); }
};

/// A file of a FUSE file system that stores into a disk in memory and logs the requests.
class LoggingDisk {
 public:
  explicit LoggingDisk(const MemoryDisk& disk);
  LoggingDisk(const LoggingDisk&) = delete;
  LoggingDisk& operator=(const LoggingDisk&) = delete;
  ~LoggingDisk();

  std::filesystem::path path() const { return mount_point_.path() / "disk"; }
  const MemoryDisk& disk() const noexcept { return disk_; }
  /// A write is as many requests as it has pages, each of which may be done or not.
  void log_write(std::uint64_t offset, ByteView bytes);
  void log_flush();
  std::size_t log_size();
  /// The requests until now.
  std::vector<DiskRequest> requests();

 private:
  const MemoryDisk& disk_;
  TemporaryDirectory mount_point_;
  std::mutex mutex_;
  std::vector<DiskRequest> log_;
  void* fuse_;
  std::thread thread_;
};

/// A file system that is mounted from a file through a loop device, as long as this lives.
class LoopMount {
 public:
  /// Throws std::system_error.
  LoopMount(int file, const std::string& type);
  LoopMount(const LoopMount&) = delete;
  LoopMount& operator=(const LoopMount&) = delete;
  ~LoopMount();

  const std::filesystem::path& path() const noexcept { return mount_point_.path(); }
  void sync() const;

 private:
  void attach(int file);

  TemporaryDirectory mount_point_;
  std::string device_;
  int loop_ = -1;
};

}  // namespace cim::test
