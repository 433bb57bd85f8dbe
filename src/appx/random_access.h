// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// Bytes that can be read at any offset: a file of the host, or a package stored in a bundle.

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <utility>

#include "os/file.h"

namespace cim::appx {

class RandomAccess {
 public:
  RandomAccess(const RandomAccess&) = delete;
  RandomAccess& operator=(const RandomAccess&) = delete;
  virtual ~RandomAccess() = default;

  /// The name used in errors.
  const std::string& name() const noexcept { return name_; }
  std::uint64_t size() const noexcept { return size_; }

  /// Fills the whole buffer. Throws kCorrupt if the bytes end earlier.
  virtual void read_at(std::uint64_t offset, std::span<std::byte> into) const = 0;

 protected:
  RandomAccess(std::string name, std::uint64_t size) : name_(std::move(name)), size_(size) {}

 private:
  std::string name_;
  std::uint64_t size_;
};

/// A file of the host.
class HostFileBytes final : public RandomAccess {
 public:
  explicit HostFileBytes(const std::filesystem::path& path)
      : HostFileBytes(path, File::open_read(path)) {}

  void read_at(std::uint64_t offset, std::span<std::byte> into) const override {
    file_.read_at(offset, into);
  }

 private:
  HostFileBytes(const std::filesystem::path& path, File file)
      : RandomAccess(path.string(), file.size()), file_(std::move(file)) {}

  File file_;
};

}  // namespace cim::appx
