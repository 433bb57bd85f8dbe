// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// Disks for file systems under test: in memory, mounted through loop devices, and one that logs all
// writes and flushes.

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
  /// Makes a disk filled with zeros.
  explicit MemoryDisk(std::uint64_t size);
  MemoryDisk(const MemoryDisk&) = delete;
  MemoryDisk& operator=(const MemoryDisk&) = delete;
  ~MemoryDisk();

  int descriptor() const noexcept { return descriptor_; }
  std::uint64_t size() const noexcept { return size_; }
  /// Returns a path by which other programs can open it while this process is alive.
  std::filesystem::path path() const;

  void write(std::uint64_t offset, ByteView bytes) const;
  /// Makes this disk's content that of another disk of the same size.
  void copy_from(const MemoryDisk& other) const;

 private:
  std::uint64_t size_;
  int descriptor_;
};

/// A write, or a flush if `bytes` is empty.
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
  /// Logs a write as one request per page, because each page may be written or not.
  void log_write(std::uint64_t offset, ByteView bytes);
  void log_flush();
  std::size_t log_size();
  /// Returns the requests so far.
  std::vector<DiskRequest> requests();

 private:
  const MemoryDisk& disk_;
  TemporaryDirectory mount_point_;
  std::mutex mutex_;
  std::vector<DiskRequest> log_;
  void* fuse_;
  std::thread thread_;
};

/// A file system that is mounted from a file through a loop device while this object lives.
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
