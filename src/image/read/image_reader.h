// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// The implementation of Image: the tables of an image and lookups in them.

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string_view>
#include <vector>

#include "cimlib/image.h"

#include "format/file_record.h"
#include "format/filesystem.h"
#include "format/header.h"
#include "format/link_table.h"
#include "image/read/link_table_cache.h"
#include "image/read/region_files.h"
#include "image/read/region_locator.h"

namespace cim {

/// An open image. It keeps the filesystem object, the directory of file tables and the upcase
/// table; records and directories are read on demand. Immutable after construction apart from its
/// caches, so any number of threads may use it.
class ImageReader : public std::enable_shared_from_this<ImageReader> {
 public:
  /// See Image::Image().
  explicit ImageReader(const std::filesystem::path& path, const OpenOptions& options = {});
  /// Opens an image that is not on the host; `name` stands for its path.
  ImageReader(const ImageFiles& files, const std::filesystem::path& name);

  const std::filesystem::path& path() const noexcept { return path_; }
  format::Version version() const noexcept { return header_.version; }
  const std::vector<RegionSet>& region_sets() const noexcept { return region_sets_; }
  /// Returns a search for files of the region sets, in the same directories as the regions.
  RegionLocator locator() const {
    return RegionLocator(image_directory(path_), region_directories_, listings_);
  }
  const RegionFiles& files() const noexcept { return files_; }
  const format::UpcaseTable& upcase() const noexcept { return *upcase_; }
  format::RegionOffset upcase_offset() const noexcept { return filesystem_.upcase_table; }
  FileId root() const noexcept { return filesystem_.root; }
  FileId max_file_id() const noexcept { return max_file_id_; }

  /// Returns the record of a file. Throws kCorrupt if the file does not exist, kUnsupported for a
  /// record of a merged image.
  format::FileRecord record(FileId id) const;
  /// Throws kCorrupt for a record without a security descriptor, or with neither times nor anything
  /// else before it. Such images can be read, since other writers may have made them.
  void refuse_blank_record(FileId id) const;
  const std::vector<format::FileTable>& file_tables() const noexcept { return file_tables_; }
  /// Returns the records of a table in their disk form, count × record_size bytes.
  Bytes raw_table(std::size_t index) const;
  /// Visits all files in the order of their ids, one table at a time.
  void for_each_record(const std::function<void(FileId, const format::FileRecord&)>& visit) const;
  /// Returns the names of the directory `id`, whose record is `record`; cached.
  std::shared_ptr<const format::LinkTable> directory(FileId id,
                                                     const format::FileRecord& record) const;
  /// Returns the table of a file's alternate streams, empty if it has none; cached.
  std::shared_ptr<const format::LinkTable> stream_table(const format::FileRecord& record) const;
  /// Returns the bytes of the table at `offset`, as many as its own header states. `room` is the
  /// number of bytes that it may have; a record that claims too many does not make this allocate
  /// them. `first` bytes are read at once, before the length is known.
  Bytes link_table_bytes(format::RegionOffset offset, std::uint64_t room, std::size_t first) const;
  /// See Image::find_child() and Image::find().
  std::optional<FileId> find_child(FileId directory, std::u16string_view name,
                                   NameMatch match = NameMatch::kIgnoringCase) const;
  std::optional<FileId> find(const ImagePath& path) const;
  FileInfo info(FileId id, const format::FileRecord& record) const;

  /// Throws kCorrupt for a stream that holds a directory's names.
  Storage storage_of(const format::Stream& stream) const;
  Bytes security_descriptor(const format::FileRecord& record) const;
  Bytes extended_attributes(const format::FileRecord& record) const;
  Bytes reparse_data(const format::FileRecord& record) const;
  Stream open(const format::Stream& stream) const;

 private:
  void open();
  void read_file_tables();
  /// Returns a sink for a structure that was read at `offset`.
  format::ThrowingSink sink_at(format::RegionOffset offset) const;
  [[noreturn]] void fail_at(format::RegionOffset offset, std::string reason) const;
  Bytes sized_object(format::RegionOffset offset, std::string_view what) const;
  std::vector<Extent> pe_extents(const format::Stream& stream) const;
  void check_file_tables() const;
  std::unique_ptr<const format::UpcaseTable> read_upcase_table() const;
  std::shared_ptr<const format::LinkTable> read_stream_table(format::RegionOffset offset) const;
  std::shared_ptr<const format::LinkTable> try_stream_table(format::RegionOffset offset) const;
  std::shared_ptr<const format::LinkTable> read_link_table(format::RegionOffset offset,
                                                           std::uint64_t room, std::size_t first,
                                                           format::LinkTable::Values values) const;

  std::filesystem::path path_;
  std::vector<std::filesystem::path> region_directories_;
  std::shared_ptr<DirectoryListings> listings_;
  format::FilesystemHeader header_;
  std::vector<RegionSet> region_sets_;
  RegionFiles files_;
  format::Filesystem filesystem_;
  std::unique_ptr<const format::UpcaseTable> upcase_;
  std::vector<format::FileTable> file_tables_;
  FileId max_file_id_ = 0;
  mutable LinkTableCache directories_;    // by file
  mutable LinkTableCache stream_tables_;  // by offset
};

/// Returns the image that a reader reads.
Image image_of(std::shared_ptr<const ImageReader> reader) noexcept;

/// Returns the reader behind an image, for other parts of the library. Lives as long as the image.
const ImageReader& reader_of(const Image& image) noexcept;

/// The links to the files of an image.
struct LinkCounts {
  std::vector<LinkCount> hard_linked;  ///< files with more than one name, ordered by id
  std::uint64_t file_bytes = 0;        ///< in the data of all files, each counted once
};

/// Selects what happens to tables that cannot be read: a mount shows what it can, but an export
/// that took a linked file for two would write another layer.
enum class Unreadable { kIgnore, kThrow };

/// Counts as Image::link_counts() does, but returns nullopt where that returns an empty result.
std::optional<LinkCounts> count_links(const ImageReader& reader, Unreadable unreadable,
                                      const std::stop_token& stop);

}  // namespace cim
