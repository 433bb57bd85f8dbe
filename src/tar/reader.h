// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// Reading a tar: entries in order, each with its body.
//
//   Reader reader(*source);
//   while (const Entry* entry = reader.next()) {
//     for (ByteView run = reader.body(); !run.empty(); run = reader.body()) ...
//   }
//
// V7, POSIX (ustar and PAX), GNU and star headers are understood; docs/tar.md describes which one
// takes precedence if several describe one entry, and where this reader is stricter than others.
// Sparse files are returned whole, with zeros for their holes. The end marker is two blocks of
// zeros, or one at the end of the input. A tar without it is accepted, as by other readers, but may
// have been truncated between two entries; had_end_marker() reports that.

#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "cimlib/error.h"
#include "cimlib/filetime.h"

#include "tar/header.h"
#include "tar/pax.h"
#include "tar/source.h"
#include "tar/sparse.h"

namespace cim::tar {

/// One entry of a tar. The entry and its views are valid until the next call of Reader::next().
struct Entry {
  std::string_view path;               ///< as stored in the tar, with any bytes
  std::string_view link;               ///< the target of a hard link or symbolic link
  TypeFlag type = TypeFlag::kRegular;  ///< never kV7Regular
  std::uint64_t size = 0;              ///< of the body, holes included, in bytes
  UnixTime mtime;
  std::optional<UnixTime> atime;
  std::optional<UnixTime> ctime;
  const PaxRecords* records = nullptr;
  std::uint64_t offset = 0;  ///< of its header block in the tar
};

/// Reads one tar from its first entry to its end. For one thread.
class Reader {
 public:
  /// `source` must outlive this object.
  explicit Reader(Source& source) noexcept : cursor_(source) {}
  Reader(const Reader&) = delete;
  Reader& operator=(const Reader&) = delete;

  /// Passes all bytes of the tar to `observer`, which must outlive this object. To be called before
  /// next().
  void observe(Observer& observer) noexcept { cursor_.observe(observer); }

  /// Advances to the next entry, skipping the rest of the current one; null at the end of the tar,
  /// once the source has been read to its end too. Throws kCorrupt with the offset in the tar for
  /// anything damaged or truncated, kLimit for an extended header above 1 MiB, kUnsupported for
  /// unknown forms of sparse files and for multi-volume archives.
  const Entry* next();

  /// Returns the next contiguous bytes of the body, at most `limit`; empty at its end. Valid until
  /// the next call of any function of the reader.
  ByteView body(std::uint64_t limit = std::numeric_limits<std::uint64_t>::max());

  /// Copies bytes until the buffer is full or the body ends; returns how many.
  std::size_t read(std::span<std::byte> into);

  /// Returns the number of bytes of the tar read so far.
  std::uint64_t offset() const noexcept { return cursor_.offset(); }
  const std::string& source_name() const noexcept { return cursor_.source_name(); }

  /// After the end: true if there was an end marker. Without it, only a digest of the tar can show
  /// that no entry is missing.
  bool had_end_marker() const noexcept { return had_end_marker_; }

  /// After the end: true if anything other than zeros followed the end marker. It was ignored, as
  /// by every reader.
  bool had_data_after_end() const noexcept { return had_data_after_end_; }

 private:
  // Headers: each block is an entry or describes the next one.
  bool read_block();
  void read_special(std::span<char> into);
  void skip_global_header();
  void require_special_size(std::string_view what) const;
  void read_extended_header();
  void read_long_text(std::string& into);
  bool take_special();
  // The entry: the header's fields, then what overrides them.
  void make_entry();
  void apply_records();
  void apply_time(std::string_view key, std::optional<UnixTime>& time) const;
  void check_entry() const;
  // The body: as stored, or with the holes of a sparse file.
  void begin_body();
  void expand_sparse();
  std::string_view expand_pax_sparse();
  ByteView sparse_body(std::uint64_t limit);
  ByteView stored_body(std::uint64_t limit);
  void skip_body();
  // The end.
  void finish();
  [[noreturn]] void fail_truncated(std::string_view where) const;
  [[noreturn]] void fail(ErrorCode code, std::string reason) const;

  Cursor cursor_;
  HeaderBlock block_{};
  HeaderValues header_;
  std::uint64_t block_offset_ = 0;
  PaxRecords records_;
  bool has_records_ = false;
  std::string long_name_;  // empty if there is none, as is long_link_
  std::string long_link_;
  Entry entry_;
  std::uint64_t stored_left_ = 0;  // bytes of the body left in the tar
  std::uint64_t padding_ = 0;
  bool is_sparse_ = false;
  SparseMap map_;  // of a sparse file
  bool ended_ = false;
  bool had_end_marker_ = true;
  bool had_data_after_end_ = false;
};

}  // namespace cim::tar
