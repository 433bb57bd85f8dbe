// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// Disks in memory for file systems under test, mounted through loop devices. Needs root.

#include <cstdint>
#include <filesystem>
#include <string>

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

/// A file system that is mounted from a file through a loop device while this object lives.
class LoopMount {
 public:
  /// Throws std::system_error.
  LoopMount(int file, std::string type);
  LoopMount(const LoopMount&) = delete;
  LoopMount& operator=(const LoopMount&) = delete;
  ~LoopMount();

  const std::filesystem::path& path() const noexcept { return mount_point_.path(); }
  void sync() const;
  /// Unmounts it, detaches the device, whose cache is lost with that, and mounts it again on the
  /// same path. Throws std::system_error, for instance if a file in it is open.
  void remount();

 private:
  void mount();
  void attach();
  void detach();

  int file_;
  std::string type_;
  TemporaryDirectory mount_point_;
  std::string device_;
  int loop_ = -1;
};

}  // namespace cim::test
