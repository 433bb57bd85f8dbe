// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// The region files of an image, all region sets together, and checked reading from them.

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "cimlib/image.h"

#include "base/file.h"
#include "format/header.h"

namespace cim {

/// "region_GUID_N", the name of a region file.
std::string region_file_name(const Guid& set, unsigned index);
/// "objectid_GUID_N".
std::string object_id_file_name(const Guid& set, unsigned index);

/// A filesystem file with all 65,535 parents that its header can count takes less.
inline constexpr std::uint64_t kMaxFilesystemFile = 2U << 20;

/// The directory of an image, where all of its files lie.
std::filesystem::path image_directory(const std::filesystem::path& image);

/// Throws what opening, reading and decode_filesystem_header() throw.
format::FilesystemHeader read_filesystem_header(const std::filesystem::path& image);

/// All region sets, in the order in which regions are counted.
std::vector<RegionSet> region_sets_of(const format::FilesystemHeader& header);

class RegionFiles {
 public:
  /// Opens the regions of `sets`, in their order, in `directory`.
  RegionFiles(const std::filesystem::path& directory, const std::vector<RegionSet>& sets,
              ReadPattern pattern);

  const std::vector<Region>& regions() const noexcept { return regions_; }
  const File& file(std::uint32_t region) const { return files_.at(region); }
  /// The file to read a piece of a stream of that many bytes from.
  const File& file(std::uint32_t region, std::uint64_t stream_size) const;

  /// Reads `size` bytes at `offset`; `what` names them in the error when the offset is absent or
  /// the bytes don't lie in a region.
  Bytes read(format::RegionOffset offset, std::uint64_t size, std::string_view what) const;
  void read(format::RegionOffset offset, std::span<std::byte> into, std::string_view what) const;

  /// Throws kCorrupt unless `size` bytes at `offset` lie in a region.
  void check(format::RegionOffset offset, std::uint64_t size, std::string_view what) const;

  /// The name for errors of the file that `offset` leads to.
  std::string source(format::RegionOffset offset) const;

 private:
  void open(const std::filesystem::path& path, std::uint16_t index, ReadPattern pattern);

  std::vector<Region> regions_;
  std::vector<File> files_;
  std::vector<std::optional<File>> for_large_streams_;  // where they are not read by files_
};

}  // namespace cim
