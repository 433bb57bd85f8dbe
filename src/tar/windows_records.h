// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// What the entries of a Windows layer's tar mean for an image: the dialect that go-winio and
// hcsshim read and write, which keeps NTFS metadata in PAX records.
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

enum class RecordKind {
  kFile,
  kDirectory,
  kReparsePoint,  ///< a symbolic link or a junction, on a file or a directory
  kHardLink,
  kStream,        ///< an alternate stream of the file or directory before it
  kWhiteout,      ///< what has this path in the parent layer is gone
  kOpaqueMarker,  ///< all that the parent layer has in this directory is gone
};

struct WindowsRecord {
  RecordKind kind = RecordKind::kFile;
  Names path{};
  std::u16string stream{};  ///< of a stream, its name
  Names link_target{};      ///< of a hard link

  /// Bytes of a file or stream.
  std::uint64_t size = 0;

  // The rest is for files, directories and reparse points; of a hard link the writer shows what the
  // file has, and no reader looks at it.

  /// As the tar has them, but DIRECTORY and REPARSE_POINT agree with the kind; of a reparse point,
  /// DIRECTORY tells whether it is on a directory.
  std::uint32_t attributes = 0;
  /// Times that the tar lacks are the time of the last write.
  FileTimes times{};
  Bytes security_descriptor{};  ///< self-relative; empty for none
  Bytes extended_attributes{};  ///< a FILE_FULL_EA_INFORMATION list; empty for none
  Bytes reparse_data{};         ///< with its header
};

/// Reads records one after another.
class WindowsReader {
 public:
  /// `source` must outlive it.
  explicit WindowsReader(Source& source) noexcept : reader_(source) {}

  /// Goes to the next record, past what was not read of the present one; null at the end, when the
  /// source has been read to its end as well. The record is valid until the next call. An entry for
  /// the root itself, as in "./", is passed over. Throws as Reader::next() does; kCorrupt, kLimit
  /// and kUnsupported, naming the entry and its offset, for records and paths that can't be right,
  /// for streams that don't follow their file or come twice, and for devices, FIFOs and unknown
  /// kinds of entries.
  const WindowsRecord* next();

  /// As Reader::body() and Reader::read().
  ByteView body(std::uint64_t limit = std::numeric_limits<std::uint64_t>::max()) {
    return reader_.body(limit);
  }
  std::size_t read(std::span<std::byte> into) { return reader_.read(into); }

  /// The path of the present record as the tar has it, fit to be shown.
  std::string current_path() const;

  /// Where the present record starts in the tar.
  std::uint64_t record_offset() const noexcept { return entry_->offset; }
  const std::string& source_name() const noexcept { return reader_.source_name(); }
  bool had_end_marker() const noexcept { return reader_.had_end_marker(); }
  bool had_data_after_end() const noexcept { return reader_.had_data_after_end(); }

 private:
  bool decode(const Entry& entry);
  void decode_file(const Entry& entry);
  void decode_stream(const Entry& entry, const EntryPath& path);

  Reader reader_;
  const Entry* entry_ = nullptr;
  WindowsRecord record_;
  /// Whether a stream of the present record's path may follow.
  bool takes_streams_ = false;
  /// In upper case, the streams of that path so far.
  std::set<std::u16string> streams_;
};

}  // namespace cim::tar
