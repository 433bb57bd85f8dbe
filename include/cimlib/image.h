// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// Reading an image.
//
//   cim::Image image("layers/7.cim");
//   const cim::Stream stream = image.open(cim::ImagePath::parse("Files/Windows/win.ini"));
//   const std::vector<std::byte> bytes = stream.read_all(1 << 20);
//
// An Image and everything got from it may be used from many threads at once. It reads what is asked
// for and keeps little: opening one takes no longer for a million files than for one. All offsets
// and counts of the file are checked as they are met; what breaks the format throws kCorrupt with
// the file and offset, and what is sound but not handled (merged images, block images)
// kUnsupported.

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
#include <vector>

#include "cimlib/error.h"
#include "cimlib/export.h"
#include "cimlib/file_info.h"
#include "cimlib/guid.h"
#include "cimlib/image_path.h"

namespace cim {

/// One run of region files that were written together.
struct RegionSet {
  Guid guid;
  std::uint16_t region_count = 0;
  bool is_own = false;  ///< the image's own set, not an ancestor's
};

/// What a region file holds.
enum class RegionType : std::uint8_t { kMetadata = 0, kPageAlignedData = 1, kSmallData = 2 };

struct Region {
  std::filesystem::path path;
  RegionType type = RegionType::kMetadata;
  std::uint64_t size = 0;  ///< bytes, header included
  /// Whether the file is there and is that region. If not, type and size mean nothing, and reading
  /// what lies in it throws what is wrong.
  bool is_usable = true;
};

/// Where a run of a stream's bytes lies.
struct Extent {
  std::uint64_t stream_offset = 0;
  std::uint64_t size = 0;
  std::uint32_t region = 0;         ///< index into Image::regions(); meaningless for a hole
  std::uint64_t region_offset = 0;  ///< from the start of the region file; 0 is a hole of zeros
};

/// A file, no directory, with more names than one.
struct LinkCount {
  FileId file = 0;
  std::uint32_t names = 0;
};

/// Which names count as equal: Windows ignores case.
enum class NameMatch { kIgnoringCase, kExact };

class ImageReader;
namespace format {
class LinkTable;
}

/// The bytes of a file's default stream or of an alternate stream. Cheap to copy; keeps the image
/// alive.
class CIM_EXPORT Stream {
 public:
  std::uint64_t size() const noexcept { return size_; }
  Storage storage() const noexcept { return storage_; }

  /// Fills `into` from `offset` on as far as the stream goes; returns the bytes read. Throws kIo,
  /// and kCorrupt where a region file ends too early.
  std::size_t read(std::uint64_t offset, std::span<std::byte> into) const;

  /// Returns all bytes of the stream. Throws kLimit, naming the size, if there are more than
  /// `limit`: an image may claim any size for a stream of zeros. Otherwise throws as read() does.
  std::vector<std::byte> read_all(std::size_t limit) const;

  /// Asks the system to get `size` bytes from `offset` on into memory, as far as the stream goes,
  /// without waiting.
  void start_reading(std::uint64_t offset, std::uint64_t size) const;

  /// The runs of the stream in order, without gaps; none for an empty stream.
  const std::vector<Extent>& extents() const noexcept { return extents_; }

 private:
  friend class ImageReader;
  Stream(std::shared_ptr<const ImageReader> reader, std::uint64_t size, Storage storage,
         std::vector<Extent> extents);

  std::shared_ptr<const ImageReader> reader_;
  std::uint64_t size_;
  Storage storage_;
  std::vector<Extent> extents_;
};

/// The alternate streams of a file or directory, found once: opening all of them takes time by
/// their number. Cheap to copy; keeps the image alive.
class CIM_EXPORT StreamList {
 public:
  std::uint32_t size() const noexcept;
  /// Bytes of the image that the list takes.
  std::uint64_t disk_size() const noexcept;
  /// `index` must be below size(), as in open(). Throws kCorrupt.
  StreamInfo info(std::uint32_t index) const;
  Stream open(std::uint32_t index) const;
  /// The index of the stream of a name, ignoring case; nullopt if there is none.
  std::optional<std::uint32_t> find(std::u16string_view name) const;

 private:
  friend class Image;
  StreamList(std::shared_ptr<const ImageReader> reader,
             std::shared_ptr<const format::LinkTable> table);

  std::shared_ptr<const ImageReader> reader_;
  std::shared_ptr<const format::LinkTable> table_;
};

/// One step of a walk; valid during the call.
struct WalkEntry {
  const ImagePath& path;
  const FileInfo& info;
  bool is_last = false;  ///< whether no name of its directory follows
};

struct WalkOptions {
  std::stop_token stop = {};
  std::size_t depth = static_cast<std::size_t>(-1);  ///< levels below the start that are visited
  /// Told of each file and directory below the start whose record can't be read, and each directory
  /// whose names can't be; the walk then goes on behind it. Without it the walk ends by throwing.
  std::function<void(const ImagePath& path, const Error& error)> failure = {};
};

/// How the streams of an image are going to be read.
enum class ReadPattern {
  kInOrder,   ///< one after the other, as they lie in the regions
  kAnywhere,  ///< here and there, for long: the system reads nothing ahead that lies behind the end
              ///< of a large stream. Takes a second descriptor for each region of page-aligned data
};

class CIM_EXPORT Image {
 public:
  /// Opens the filesystem file `path` and finds its regions beside it, which must be regular files
  /// and no links. A region that is missing or broken makes what lies in it unreadable, and no
  /// more than that. Throws kNotFound, kCorrupt, kUnsupported, kAccessDenied, kIo.
  explicit Image(const std::filesystem::path& path, ReadPattern pattern = ReadPattern::kInOrder);

  const std::filesystem::path& path() const noexcept;

  /// Version of the format, as in 2 and 0.
  std::uint32_t version_major() const noexcept;
  std::uint32_t version_minor() const noexcept;

  /// The ancestors' region sets, eldest as the header lists them, then the image's own.
  const std::vector<RegionSet>& region_sets() const noexcept;
  /// All regions in the order of their index.
  const std::vector<Region>& regions() const noexcept;
  /// An open descriptor of a region file for reading; it belongs to the image, and stays open as
  /// long as that lives. Throws what is wrong with a region that can't be used.
  int region_descriptor(std::uint32_t region) const;

  FileId root() const noexcept;
  /// No file id is larger.
  FileId max_file_id() const noexcept;

  /// The file of that name or nothing. `directory` that is none: nothing.
  std::optional<FileId> find_child(FileId directory, std::u16string_view name,
                                   NameMatch match = NameMatch::kIgnoringCase) const;
  /// Goes down from the root; links are not followed.
  std::optional<FileId> find(const ImagePath& path) const;

  /// Throws kCorrupt for an id that the image does not have.
  FileInfo info(FileId id) const;
  /// The entries of a directory in the order of the format: by upper-cased UTF-16 units. Throws
  /// kInvalidArgument for a file.
  std::vector<DirectoryEntry> list(FileId directory) const;

  /// The files with more names than one, by ascending id. The format does not store it, so this
  /// goes through all records and directories once. What can't be read counts for nothing, and of
  /// an image with more files or names than 2^24, or whose directories share so many names that
  /// they come to far more than it holds, the answer is empty. Throws kCancelled on a request to
  /// stop.
  std::vector<LinkCount> link_counts(const std::stop_token& stop = {}) const;

  /// The alternate streams of a file or directory.
  std::vector<StreamInfo> streams(FileId id) const;
  /// The same to be opened one after another.
  StreamList stream_list(FileId id) const;
  /// Self-relative bytes; every sound file has a descriptor.
  std::vector<std::byte> security_descriptor(FileId id) const;
  /// A FILE_FULL_EA_INFORMATION list; empty if there is none.
  std::vector<std::byte> extended_attributes(FileId id) const;
  /// The buffer with its eight-byte header; empty if there is none.
  std::vector<std::byte> reparse_data(FileId id) const;

  /// The default stream of a file. Throws kInvalidArgument for a directory.
  Stream open(FileId id) const;
  /// The default stream of the file at `path`; links are not followed. Throws kNotFound if there is
  /// no such file, kInvalidArgument for a directory; both name the path and the image.
  Stream open(const ImagePath& path) const;
  /// An alternate stream, its name without regard to case; nothing if there is none of that name.
  std::optional<Stream> open_stream(FileId id, std::u16string_view name) const;

  /// Visits `from` and everything below it, a directory before its entries. The visitor returns
  /// whether to go on. Throws kNotFound if `from` is not there, kCorrupt for a directory with a
  /// second name, kLimit if directories share their names so that these come to far more than the
  /// image holds (docs/limits.md), and kCancelled.
  using Visitor = std::function<bool(const WalkEntry&)>;
  void walk(const ImagePath& from, const Visitor& visit, const WalkOptions& options = {}) const;

 private:
  friend class DirectoryVisits;
  friend class TableBudget;
  friend const ImageReader& reader_of(const Image& image) noexcept;

  std::shared_ptr<const ImageReader> reader_;
};

}  // namespace cim
