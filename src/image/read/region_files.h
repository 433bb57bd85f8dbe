// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// The region files of an image, all region sets together, and checked reads from them.

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
#include "image/read/block_cache.h"
#include "image/read/image_files.h"
#include "image/read/region_locator.h"
#include "os/file.h"
#include "os/seeded_hash.h"

namespace cim {

/// Returns "region_GUID_N", the name of a region file.
std::string region_file_name(const Guid& set, unsigned index);
/// Returns "objectid_GUID_N", the name of an object id file.
std::string object_id_file_name(const Guid& set, unsigned index);

/// A filesystem file with all 65,535 parents that its header can count is smaller than this.
inline constexpr std::uint64_t kMaxFilesystemFile = 2U << 20;

/// Returns the directory of an image, which holds all of its files.
std::filesystem::path image_directory(const std::filesystem::path& image);

/// Throws the errors of opening, reading and decode_filesystem_header().
format::FilesystemHeader read_filesystem_header(const std::filesystem::path& image);

/// Returns all region sets, in the order in which regions are counted.
std::vector<RegionSet> region_sets_of(const format::FilesystemHeader& header);

/// A region file that is kept open at least as long as this object lives.
class OpenRegion {
 public:
  explicit OpenRegion(const File& kept) noexcept : file_(&kept) {}
  explicit OpenRegion(std::shared_ptr<const File> shared) noexcept
      : shared_(std::move(shared)), file_(shared_.get()) {}
  explicit OpenRegion(const RegionSource& elsewhere) noexcept : source_(&elsewhere) {}

  bool is_on_host() const noexcept { return file_ != nullptr; }

  /// As File::read_at().
  void read_at(std::uint64_t offset, std::span<std::byte> into) const {
    source_ != nullptr ? source_->read_at(offset, into) : file_->read_at(offset, into);
  }
  /// Has no effect on a file that is not on the host.
  void start_reading(std::uint64_t offset, std::uint64_t size) const noexcept {
    if (file_ != nullptr) {
      file_->start_reading(offset, size);
    }
  }
  std::uint64_t size_without_holes() const {
    return source_ != nullptr ? source_->size_without_holes() : file_->size_without_holes();
  }
  /// Returns whether the file still has that stamp; always true for one that is not on the host.
  bool has_stamp(const FileStamp& stamp) const {
    return source_ != nullptr || file_->stamp() == stamp;
  }

 private:
  std::shared_ptr<const File> shared_;  // null if the file is kept open as long as the image
  const File* file_ = nullptr;
  const RegionSource* source_ = nullptr;  // instead of a file
};

/// Missing or damaged regions are recorded: reading from one throws its error, and all others can
/// be read. If there are many regions, only some files are kept open, because descriptors are
/// scarce and an image may have thousands of ancestors. Safe to use from several threads.
class RegionFiles {
 public:
  /// Examines the regions of `sets`, in their order. They are opened at once, since a reader takes
  /// no lock: an image that is removed afterwards can still be read.
  RegionFiles(const RegionLocator& locator, const std::vector<RegionSet>& sets,
              ReadPattern pattern);
  /// Opens the regions of an image that is not on the host.
  RegionFiles(const ImageFiles& files, const std::vector<RegionSet>& sets);

  const std::vector<Region>& regions() const noexcept { return regions_; }
  /// Throws the error of the first unusable region, if there is one.
  void require_all() const;

  /// Throws the region's error, and kLimit if no descriptor is left.
  OpenRegion open(std::uint32_t region) const;
  /// Returns the file for reading a part of a stream of `stream_size` bytes.
  OpenRegion open(std::uint32_t region, std::uint64_t stream_size) const;
  /// Like open(), but the descriptor stays valid as long as this object lives. Throws kUnsupported
  /// if the image is not on the host.
  const File& keep_open(std::uint32_t region) const;

  /// Reads `size` bytes at `offset`; `what` names them in the error if the offset is absent or the
  /// bytes are not within a region. Small reads of metadata are served from a cache of blocks.
  Bytes read(format::RegionOffset offset, std::uint64_t size, std::string_view what) const;
  void read(format::RegionOffset offset, std::span<std::byte> into, std::string_view what) const;

  /// Reads a part of a stream of `stream_size` bytes; the range must be within the region. Small
  /// streams that lie close together are served from the cache as well.
  void read_stream(std::uint32_t region, std::uint64_t stream_size, std::uint64_t offset,
                   std::span<std::byte> into) const;

  /// Throws kCorrupt unless `size` bytes at `offset` are within a region.
  void check(format::RegionOffset offset, std::uint64_t size, std::string_view what) const;

  /// Returns true if `size` bytes at `offset` are within a usable region.
  bool holds(format::RegionOffset offset, std::uint64_t size) const noexcept;

  /// Returns the stamp of the file when it was opened first; all zeros for an unusable one.
  const FileStamp& stamp(std::uint32_t region) const { return stamps_.at(region); }
  /// Returns true if a usable region still has the same size and was not written to since.
  bool is_unchanged(std::uint32_t region) const { return open(region).has_stamp(stamp(region)); }

  /// Returns true if the metadata regions have at least that many bytes, not counting holes. A
  /// table that claims to be larger is forged.
  bool metadata_holds(std::uint64_t size) const;

  /// Returns the name of the file that `offset` leads to, for error messages.
  std::string source(format::RegionOffset offset) const;

 private:
  void reserve(const std::vector<RegionSet>& sets);
  void examine(const std::filesystem::path& path, std::uint16_t index);
  void examine(const ImageFiles& files, const std::string& name, std::uint16_t index);
  void add_unusable(const Error& error);
  void open_for_large_streams();
  [[noreturn]] void fail_unusable(std::uint32_t region) const;
  File open_again(std::uint32_t region) const;
  OpenRegion open_locked(std::uint32_t region) const;
  const File& keep_open_locked(std::uint32_t region) const;
  void read_blocks(std::uint32_t region, std::uint64_t offset, std::span<std::byte> into) const;

  std::vector<Region> regions_;
  ReadPattern pattern_;
  std::vector<std::shared_ptr<const RegionSource>> sources_;  // of an image that is not on the host
  mutable BlockCache blocks_;
  std::vector<FileStamp> stamps_;
  SeededMap<std::uint32_t, Error> faults_;              // of unusable regions
  std::vector<std::optional<File>> for_large_streams_;  // without read-ahead; nullopt to use the
                                                        // usual descriptor

  mutable std::mutex mutex_;  // guards all members below, except the pointers
  mutable std::vector<std::unique_ptr<const File>> kept_open_;  // until this object is destroyed
  mutable std::vector<std::atomic<const File*>> by_region_;     // into kept_open_, or null
  // A file that is closed once enough others were used after it.
  struct BrieflyOpen {
    std::uint32_t region;
    std::shared_ptr<const File> file;
  };
  mutable std::list<BrieflyOpen> briefly_open_;  // the most recently used one first
  mutable std::uint64_t held_metadata_ = 0;
  mutable std::size_t next_to_measure_ = 0;  // held_metadata_ has that many regions, from the last
};

}  // namespace cim
