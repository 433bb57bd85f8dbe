// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// The files of an image that is not on the host, such as one in a registry. Images on the host are
// read through File (os/file.h) directly.

#include <cstdint>
#include <memory>
#include <span>
#include <string>

#include "base/bytes.h"

namespace cim {

/// A region file, read by position. Its bytes never change. Any thread may call.
class RegionSource {
 public:
  RegionSource() = default;
  RegionSource(const RegionSource&) = delete;
  RegionSource& operator=(const RegionSource&) = delete;
  virtual ~RegionSource() = default;

  virtual std::uint64_t size() const noexcept = 0;
  /// Returns how many bytes there are besides holes, or an estimate that a forged file cannot make
  /// much larger than what it really takes.
  virtual std::uint64_t size_without_holes() const noexcept = 0;
  /// Fills the whole buffer; the range must be within the file. Throws kIo, kCorrupt.
  virtual void read_at(std::uint64_t offset, std::span<std::byte> into) const = 0;
};

/// Opens the files of one image. Any thread may call.
class ImageFiles {
 public:
  ImageFiles() = default;
  ImageFiles(const ImageFiles&) = delete;
  ImageFiles& operator=(const ImageFiles&) = delete;
  virtual ~ImageFiles() = default;

  /// Returns the bytes of the filesystem file.
  virtual Bytes filesystem() const = 0;
  /// Opens a region file by its name. Throws kNotFound.
  virtual std::shared_ptr<const RegionSource> region(const std::string& name) const = 0;
};

}  // namespace cim
