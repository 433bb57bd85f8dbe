// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// Reading an image.
//
//   cim::Image image("layers/7.cim");
//   const cim::Stream stream = image.open(cim::ImagePath::parse("Files/Windows/win.ini"));
//   const std::vector<std::byte> bytes = stream.read_all(1 << 20);
//
// An Image and every object obtained from it may be used from several threads at once. Data is read
// on demand and little is cached: opening an image takes the same time whatever its number of
// files. Every offset and count in the image is validated when it is used. Data that violates the
// format throws kCorrupt, naming the file and offset; valid images of kinds that are not handled
// (merged images, block images) throw kUnsupported. A failure to read a file throws kIo.

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "cimlib/directory_listings.h"
#include "cimlib/error.h"
#include "cimlib/export.h"
#include "cimlib/file_info.h"
#include "cimlib/guid.h"
#include "cimlib/image_path.h"

namespace cim {

/// A series of region files that were written together, identified by a GUID.
struct RegionSet {
  Guid guid;
  std::uint16_t region_count = 0;
  bool is_own = false;  ///< true for the image's own set, false for an ancestor's
};

/// The kind of data in a region file.
enum class RegionType : std::uint8_t { kMetadata = 0, kPageAlignedData = 1, kSmallData = 2 };

/// A region file.
struct Region {
  std::filesystem::path path;
  RegionType type = RegionType::kMetadata;
  std::uint64_t size = 0;  ///< bytes, header included
  /// False if the file is missing or is not that region. `type` and `size` have no meaning then,
  /// and reading data in the region throws the cause.
  bool is_usable = true;
};

/// Location of a contiguous range of a stream. Offsets and sizes are in bytes.
struct Extent {
  std::uint64_t stream_offset = 0;
  std::uint64_t size = 0;
  std::uint32_t region = 0;  ///< index into Image::regions(); no meaning for a hole
  /// From the start of the region file; 0 marks a hole, which reads as zeros.
  std::uint64_t region_offset = 0;
};

/// A file (not a directory) with more than one name, and the number of its names.
struct LinkCount {
  FileId file = 0;
  std::uint32_t names = 0;
};

/// Which names are equal when looking up a name. Windows ignores case.
enum class NameMatch { kIgnoringCase, kExact };

class ImageReader;
namespace format {
class LinkTable;
}

/// The contents of a default or alternate stream. Cheap to copy; keeps the image alive.
class CIM_EXPORT Stream {
 public:
  /// Returns the size in bytes.
  std::uint64_t size() const noexcept { return size_; }
  /// Returns how the bytes are stored; read() returns the bytes of the file in any case.
  Storage storage() const noexcept { return storage_; }

  /// Reads from `offset` on into `into` until it is full or the stream ends; returns the number of
  /// bytes read. Throws kIo, and kCorrupt if a region file is too short.
  std::size_t read(std::uint64_t offset, std::span<std::byte> into) const;

  /// Returns the whole stream. Throws kLimit, naming the size, if it has more than `limit` bytes:
  /// an image may claim any size for a stream of zeros. Otherwise throws as read() does.
  std::vector<std::byte> read_all(std::size_t limit) const;

  /// Asks the system to read `size` bytes from `offset` on, or up to the end of the stream, into
  /// its cache. Returns without waiting.
  void start_reading(std::uint64_t offset, std::uint64_t size) const;

  /// Returns the extents of the stream, ordered and without gaps; empty for an empty stream.
  const std::vector<Extent>& extents() const& noexcept { return extents_; }
  std::vector<Extent> extents() && noexcept { return std::move(extents_); }

 private:
  friend class ImageReader;
  Stream(std::shared_ptr<const ImageReader> reader, std::uint64_t size, Storage storage,
         std::vector<Extent> extents);

  std::shared_ptr<const ImageReader> reader_;
  std::uint64_t size_;
  Storage storage_;
  std::vector<Extent> extents_;
};

/// The alternate streams of a file or directory, looked up once, so that opening all of them takes
/// time proportional to their number. Cheap to copy; keeps the image alive.
class CIM_EXPORT StreamList {
 public:
  /// Returns the number of streams.
  std::uint32_t size() const noexcept;
  /// Returns the number of bytes that the list occupies in the image.
  std::uint64_t disk_size() const noexcept;
  /// Returns the metadata of a stream. `index` must be less than size(). Throws kCorrupt.
  StreamInfo info(std::uint32_t index) const;
  /// Opens a stream. `index` must be less than size(). Throws kCorrupt.
  Stream open(std::uint32_t index) const;
  /// Returns the index of the stream of that name, ignoring case; nullopt if it does not exist.
  std::optional<std::uint32_t> find(std::u16string_view name) const;

 private:
  friend class Image;
  StreamList(std::shared_ptr<const ImageReader> reader,
             std::shared_ptr<const format::LinkTable> table);

  std::shared_ptr<const ImageReader> reader_;
  std::shared_ptr<const format::LinkTable> table_;
};

/// An entry visited by a walk. Valid during the call only.
struct WalkEntry {
  const ImagePath& path;
  const FileInfo& info;
  bool is_last = false;  ///< true for the last name of its directory
};

/// How to walk an image.
struct WalkOptions {
  std::stop_token stop = {};  ///< a request to stop ends the walk with kCancelled
  std::size_t depth = static_cast<std::size_t>(-1);  ///< levels below the start to visit
  /// Receives each file and directory below the start whose record cannot be read and each
  /// directory whose names cannot be read; the walk continues after it. Without this callback the
  /// walk throws instead.
  std::function<void(const ImagePath& path, const Error& error)> failure = {};
  /// True to take a record that no writer makes, without a security descriptor or with nothing but
  /// one, for one that cannot be read: lost parts of a disk read as zeros.
  bool refuses_blank_records = false;
  /// Returns false for a directory whose entries are not to be visited. Without this callback, all
  /// directories are entered.
  std::function<bool(const WalkEntry& directory)> enters = {};
};

/// How the streams of an image will be read.
enum class ReadPattern {
  kInOrder,   ///< sequentially, in the order in which they are stored
  kAnywhere,  ///< randomly: the system's read-ahead stops at the end of a large stream. Uses a
              ///< second descriptor for each region of page-aligned data
};

/// How to open an image.
struct OpenOptions {
  ReadPattern pattern = ReadPattern::kInOrder;
  /// Directories in which region files are searched that are not beside the image, in this order.
  std::vector<std::filesystem::path> region_directories = {};
  /// Listings to share with other images; null for listings of its own.
  std::shared_ptr<DirectoryListings> listings = {};
};

/// An image that is open for reading. Cheap to copy; copies share the open files.
class CIM_EXPORT Image {
 public:
  /// Opens the filesystem file `path` and the region files beside it, which must be regular files
  /// and not links; their names may be in any case. Nothing is written or locked. A missing or
  /// damaged region makes only the data in it unreadable; without the table of upper case, the one
  /// of Windows is used. Throws kNotFound, kCorrupt, kUnsupported, kAccessDenied, kIo.
  explicit Image(const std::filesystem::path& path, ReadPattern pattern = ReadPattern::kInOrder);
  Image(const std::filesystem::path& path, const OpenOptions& options);

  /// Returns the path of the filesystem file as passed to the constructor.
  const std::filesystem::path& path() const& noexcept;
  const std::filesystem::path& path() const&& = delete;

  /// Return the version of the format, such as 2 and 0.
  std::uint32_t version_major() const noexcept;
  std::uint32_t version_minor() const noexcept;

  /// Returns the region sets: those of the ancestors in the order of the header, then the image's
  /// own.
  const std::vector<RegionSet>& region_sets() const& noexcept;
  const std::vector<RegionSet>& region_sets() const&& = delete;
  /// Returns all regions, ordered by index.
  const std::vector<Region>& regions() const& noexcept;
  const std::vector<Region>& regions() const&& = delete;
  /// Returns a file descriptor of a region file that is open for reading. The image owns it and
  /// closes it when the last copy of the image and of its streams is destroyed. Throws the cause if
  /// the region is not usable, and kUnsupported for an image that is not on the host (remote.h).
  int region_descriptor(std::uint32_t region) const&;
  int region_descriptor(std::uint32_t region) const&& = delete;

  /// Returns the id of the root directory.
  FileId root() const noexcept;
  /// Returns the largest possible file id of this image.
  FileId max_file_id() const noexcept;

  /// Returns the entry of that name; nullopt if it does not exist or `directory` is not a
  /// directory.
  std::optional<FileId> find_child(FileId directory, std::u16string_view name,
                                   NameMatch match = NameMatch::kIgnoringCase) const;
  /// Returns the file or directory at the path, ignoring case and without following links; nullopt
  /// if it does not exist.
  std::optional<FileId> find(const ImagePath& path) const;

  /// Returns the metadata of a file or directory. Like all functions that take an id, throws
  /// kCorrupt for an id that the image does not have.
  FileInfo info(FileId id) const;
  /// Returns the entries of a directory in the order of the format: by upper-cased UTF-16 units.
  /// Throws kInvalidArgument for a file.
  std::vector<DirectoryEntry> list(FileId directory) const;

  /// Returns the files with more than one name, ordered by id. The format does not store link
  /// counts, so this reads all records and directories once. Unreadable entries are ignored. The
  /// result is empty for an image with more than 2^24 files or names, or whose directories share
  /// names so heavily that a full listing would far exceed the size of the image. Throws kCancelled
  /// on a request to stop.
  std::vector<LinkCount> link_counts(const std::stop_token& stop = {}) const;

  /// Returns the alternate streams of a file or directory.
  std::vector<StreamInfo> streams(FileId id) const;
  /// Returns the alternate streams in a form from which they can be opened one after another.
  StreamList stream_list(FileId id) const;
  /// Returns the security descriptor in self-relative form. Every valid file has one.
  std::vector<std::byte> security_descriptor(FileId id) const;
  /// Returns the FILE_FULL_EA_INFORMATION list; empty if the file has no extended attributes.
  std::vector<std::byte> extended_attributes(FileId id) const;
  /// Returns the reparse buffer with its eight-byte header; empty if the file is not a
  /// reparse point.
  std::vector<std::byte> reparse_data(FileId id) const;

  /// Opens the default stream of a file. Throws kInvalidArgument for a directory.
  Stream open(FileId id) const;
  /// Opens the default stream of the file at `path`; links are not followed. Throws kNotFound if
  /// the file does not exist, kInvalidArgument for a directory; both name the path and the image.
  Stream open(const ImagePath& path) const;
  /// Opens the alternate stream of that name, ignoring case; nullopt if it does not exist.
  std::optional<Stream> open_stream(FileId id, std::u16string_view name) const;

  /// Visits `from` and everything below it, a directory before its entries, on the calling thread.
  /// The visitor returns true to continue, false to stop. Throws kNotFound if `from` does not
  /// exist, kCorrupt for a directory with a second name, kLimit if directories share names so
  /// heavily that the walk would far exceed the size of the image (docs/limits.md), and kCancelled
  /// on a request to stop.
  using Visitor = std::function<bool(const WalkEntry&)>;
  void walk(const ImagePath& from, const Visitor& visit, const WalkOptions& options = {}) const;

 private:
  friend class DirectoryVisits;
  friend class TableBudget;
  friend const ImageReader& reader_of(const Image& image) noexcept;
  friend Image image_of(std::shared_ptr<const ImageReader> reader) noexcept;
  explicit Image(std::shared_ptr<const ImageReader> reader) noexcept;

  std::shared_ptr<const ImageReader> reader_;
};

}  // namespace cim
