// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// Decodes the entries of a Windows layer's tar, in the dialect of go-winio and hcsshim, which keeps
// NTFS metadata in PAX records.
//
//   WindowsReader reader(*source);
//   while (const WindowsRecord* record = reader.next()) {
//     for (ByteView run = reader.body(); !run.empty(); run = reader.body()) ...
//   }

#include <cstdint>
#include <limits>
#include <set>
#include <string>
#include <string_view>

#include "cimlib/filetime.h"

#include "base/bytes.h"
#include "tar/entry_path.h"
#include "tar/reader.h"

namespace cim::tar {

/// The kind of an entry of a layer's tar.
enum class RecordKind {
  kFile,
  kDirectory,
  kReparsePoint,  ///< a symbolic link or a junction, on a file or a directory
  kHardLink,
  kStream,        ///< an alternate stream of the file or directory before it
  kWhiteout,      ///< deletes this path of the parent layer
  kOpaqueMarker,  ///< deletes the parent layer's content of this directory
};

/// A decoded entry.
struct WindowsRecord {
  RecordKind kind = RecordKind::kFile;
  Names path{};
  std::u16string stream{};  ///< name of a stream
  Names link_target{};      ///< target of a hard link

  /// Size of a file or stream in bytes.
  std::uint64_t size = 0;

  // The following members are for files, directories and reparse points. For a hard link, the
  // writer stores the values of the file, which readers ignore.

  /// As stored in the tar, except that DIRECTORY and REPARSE_POINT agree with the kind; for a
  /// reparse point, DIRECTORY shows whether it is on a directory.
  std::uint32_t attributes = 0;
  /// Times that are absent in the tar equal the time of the last write.
  FileTimes times{};
  Bytes security_descriptor{};  ///< self-relative; empty if there is none
  Bytes extended_attributes{};  ///< a FILE_FULL_EA_INFORMATION list; empty if there is none
  Bytes reparse_data{};         ///< with its header
};

/// Reads records one after another.
class WindowsReader {
 public:
  /// `source` must outlive this object.
  explicit WindowsReader(Source& source, TarScope scope = TarScope::kLayer) noexcept
      : reader_(source), scope_(scope) {}

  /// As Reader::observe().
  void observe(Observer& observer) noexcept { reader_.observe(observer); }

  /// Advances to the next record, skipping the rest of the current one; null at the end, once the
  /// source has been read to its end too. The record is valid until the next call. In the tar of a
  /// layer, skips an entry for the root itself, as in "./". Throws as Reader::next() does;
  /// kCorrupt, kLimit and kUnsupported, naming the entry and its offset, for invalid records and
  /// paths, for streams that do not follow their file or are repeated, and for devices, FIFOs and
  /// unknown types of entries.
  const WindowsRecord* next();

  /// As Reader::body() and Reader::read().
  ByteView body(std::uint64_t limit = std::numeric_limits<std::uint64_t>::max()) {
    return reader_.body(limit);
  }
  std::size_t read(std::span<std::byte> into) { return reader_.read(into); }

  /// Returns the path of the current record as stored in the tar, made printable.
  std::string current_path() const;

  /// Returns the offset of the current record in the tar.
  std::uint64_t record_offset() const noexcept { return entry_->offset; }
  const std::string& source_name() const noexcept { return reader_.source_name(); }
  bool had_end_marker() const noexcept { return reader_.had_end_marker(); }
  bool had_data_after_end() const noexcept { return reader_.had_data_after_end(); }

 private:
  bool decode(const Entry& entry);
  void decode_file(const Entry& entry);
  void decode_stream(const Entry& entry, const EntryPath& path);

  Reader reader_;
  TarScope scope_;
  const Entry* entry_ = nullptr;
  WindowsRecord record_;
  /// True if a stream of the current record's path may follow.
  bool takes_streams_ = false;
  /// The names of that path's streams so far, in upper case.
  std::set<std::u16string> streams_;
};

}  // namespace cim::tar
