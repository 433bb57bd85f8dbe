// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// A disk that logs all writes and flushes.

#include <cstdint>
#include <filesystem>
#include <mutex>
#include <thread>
#include <vector>

#include "base/bytes.h"
#include "crash/disk.h"
#include "temporary_directory.h"

namespace cim::test {

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

}  // namespace cim::test
