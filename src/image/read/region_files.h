// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// The region files of an image, all region sets together, and checked reading from them.

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <list>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "cimlib/error.h"
#include "cimlib/image.h"

#include "format/header.h"
#include "os/file.h"
#include "os/seeded_hash.h"

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

/// A region file that is open at least as long as this lives.
class OpenRegion {
 public:
  explicit OpenRegion(const File& kept) noexcept : file_(&kept) {}
  explicit OpenRegion(std::shared_ptr<const File> shared) noexcept
      : shared_(std::move(shared)), file_(shared_.get()) {}

  const File* operator->() const noexcept { return file_; }

 private:
  std::shared_ptr<const File> shared_;  // null for one that stays open as long as the image
  const File* file_;
};

/// Regions that are missing or broken are noted; reading from them throws what is wrong, and all
/// others can be read. Of many regions only some stay open: descriptors are scarce, and an image
/// may have thousands of ancestors. May be used from many threads.
class RegionFiles {
 public:
  /// Looks at the regions of `sets`, in their order, in `directory`.
  RegionFiles(const std::filesystem::path& directory, const std::vector<RegionSet>& sets,
              ReadPattern pattern);

  const std::vector<Region>& regions() const noexcept { return regions_; }
  /// Throws what is wrong with the first region that can't be used, if there is one.
  void require_all() const;

  /// Throws what is wrong with the region, and kLimit if no descriptor is left.
  OpenRegion open(std::uint32_t region) const;
  /// The file to read a piece of a stream of that many bytes from.
  OpenRegion open(std::uint32_t region, std::uint64_t stream_size) const;
  /// The same, for a descriptor that is valid as long as this lives.
  const File& keep_open(std::uint32_t region) const;

  /// Reads `size` bytes at `offset`; `what` names them in the error when the offset is absent or
  /// the bytes don't lie in a region.
  Bytes read(format::RegionOffset offset, std::uint64_t size, std::string_view what) const;
  void read(format::RegionOffset offset, std::span<std::byte> into, std::string_view what) const;

  /// Throws kCorrupt unless `size` bytes at `offset` lie in a region.
  void check(format::RegionOffset offset, std::uint64_t size, std::string_view what) const;

  /// Of the file when it was looked at first; all zeros for one that can't be used.
  const FileStamp& stamp(std::uint32_t region) const { return stamps_.at(region); }
  /// Whether a region that can be used is still of the same size and was not written to since.
  bool is_unchanged(std::uint32_t region) const { return open(region)->stamp() == stamp(region); }

  /// Whether the regions of metadata have that many bytes which are not holes. What claims more
  /// than that is made up.
  bool metadata_holds(std::uint64_t size) const;

  /// The name for errors of the file that `offset` leads to.
  std::string source(format::RegionOffset offset) const;

 private:
  void look_at(const std::filesystem::path& path, std::uint16_t index);
  void open_for_large_streams();
  [[noreturn]] void fail_unusable(std::uint32_t region) const;
  File open_again(std::uint32_t region) const;
  OpenRegion open_locked(std::uint32_t region) const;
  const File& keep_open_locked(std::uint32_t region) const;

  std::vector<Region> regions_;
  std::vector<FileStamp> stamps_;
  SeededMap<std::uint32_t, Error> faults_;              // of regions that can't be used
  std::vector<std::optional<File>> for_large_streams_;  // where they are not read otherwise

  mutable std::mutex mutex_;  // of all that follows, but for the pointers
  mutable std::vector<std::unique_ptr<const File>> dismissed_;  // stay open
  mutable std::vector<std::atomic<const File*>> by_region_;     // into dismissed_, or null
  struct Passing {
    std::uint32_t region;
    std::shared_ptr<const File> file;
  };
  mutable std::list<Passing> passing_;  // the one used last in front
  mutable std::uint64_t held_metadata_ = 0;
  mutable std::size_t next_to_measure_ = 0;  // regions before were counted into held_metadata_
};

}  // namespace cim
