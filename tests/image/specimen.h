// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// The sample image and a fork of it as bytes to damage, with the place of each field, so that a
// damage changes only one.

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <string_view>

#include "cimlib/guid.h"

#include "base/bytes.h"
#include "base/endian.h"
#include "image/read/image_reader.h"

namespace cim::test {

inline constexpr std::string_view kSampleName = "sample.cim";
inline constexpr std::string_view kForkName = "fork.cim";

class Specimen {
 public:
  /// The bytes are the same each time.
  Specimen();

  static std::string region(unsigned index);
  static std::string object_ids(unsigned index);

  /// Returns a file for modification.
  Bytes& file(std::string_view name) { return files_.at(std::string(name)); }
  void add(std::string_view name, Bytes bytes) { files_[std::string(name)] = std::move(bytes); }
  void remove(std::string_view name) { files_.erase(std::string(name)); }

  template <DiskStruct T>
  T get(std::string_view name, std::size_t offset) {
    T value;
    std::memcpy(&value, &file(name).at(offset), sizeof value);
    return value;
  }
  template <DiskStruct T>
  void set(std::string_view name, std::size_t offset, const T& value) {
    std::memcpy(&file(name).at(offset), &value, sizeof value);
  }
  void set8(std::string_view name, std::size_t offset, std::uint8_t value) {
    file(name).at(offset) = std::byte{value};
  }

  /// Return offsets in region 0 of the sample image, which holds all its metadata.
  std::size_t filesystem() const;
  std::size_t upcase_table() const { return upcase_table_; }
  std::size_t file_tables() const;
  std::size_t record(std::string_view path) const;
  std::size_t directory(std::string_view path) const;
  std::size_t name(std::string_view directory, unsigned index) const;
  std::uint32_t id(std::string_view path) const;
  /// Returns the offset that a RegionOffset field of a record refers to, which must be in region 0.
  std::size_t led_to(std::string_view path, std::size_t field);

  /// Appends to region 0, aligned to eight bytes; returns the offset.
  std::size_t append(ByteView bytes);

  void write(const std::filesystem::path& directory) const;

 private:
  std::map<std::string, Bytes> files_;
  std::map<std::string, std::uint32_t> ids_;
  std::size_t records_ = 0;
  std::size_t upcase_table_ = 0;
};

}  // namespace cim::test
