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
// V7, POSIX (ustar and PAX), GNU and star headers are understood; docs/tar.md says what counts
// where several headers speak of one entry, and where this reader is stricter than others. Sparse
// files are handed out whole, their holes as zeros. The end marker is two blocks of zeros, or one
// and then the end. A tar may lack it, as for other readers; had_end_marker() tells, since such a
// tar may have been cut off between two entries.

#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "cimlib/error.h"
#include "cimlib/filetime.h"

#include "tar/cursor.h"
#include "tar/header.h"
#include "tar/pax.h"
#include "tar/sparse.h"

namespace cim::tar {

/// One entry of a tar. Its views, like the entry itself, are valid until the next call of
/// Reader::next().
struct Entry {
  std::string_view path;               ///< as it stands there, whatever its bytes
  std::string_view link;               ///< what a hard link or symbolic link leads to
  TypeFlag type = TypeFlag::kRegular;  ///< never kV7Regular
  std::uint64_t size = 0;              ///< bytes of the body, holes included
  UnixTime mtime;
  std::optional<UnixTime> atime;
  std::optional<UnixTime> ctime;
  const PaxRecords* records = nullptr;
  std::uint64_t offset = 0;  ///< of its header block in the tar
};

class Reader {
 public:
  /// `source` must outlive it.
  explicit Reader(Source& source) noexcept : cursor_(source) {}
  Reader(const Reader&) = delete;
  Reader& operator=(const Reader&) = delete;

  /// Goes to the next entry, past what was not read of the present one; null at the end of the tar,
  /// when the source has been read to its end as well. Throws kCorrupt with the offset in the tar
  /// for anything broken or cut off, kLimit for an extended header above 1 MiB, kUnsupported for
  /// unknown forms of sparse files and archives over several volumes.
  const Entry* next();

  /// The next bytes of the body that lie in one piece, at most `limit`; empty at its end. Valid
  /// until the next call of anything here.
  ByteView body(std::uint64_t limit = std::numeric_limits<std::uint64_t>::max());

  /// Copies bytes of the body as far as it goes; returns how many.
  std::size_t read(std::span<std::byte> into);

  /// Bytes of the tar read so far.
  std::uint64_t offset() const noexcept { return cursor_.offset(); }
  const std::string& source_name() const noexcept { return cursor_.source_name(); }

  /// After the end: whether the end marker was there. Without it, only a digest of the tar can tell
  /// that no entry is missing.
  bool had_end_marker() const noexcept { return had_end_marker_; }

  /// After the end: whether something other than zeros stood behind the end marker. It was ignored,
  /// as every reader does.
  bool had_data_after_end() const noexcept { return had_data_after_end_; }

 private:
  bool read_block();
  void read_special(std::span<char> into);
  void skip_global_header();
  void require_special_size(std::string_view what) const;
  void read_extended_header();
  void read_long_text(std::string& into);
  bool take_special();
  void make_entry();
  void apply_records();
  void apply_time(std::string_view key, std::optional<UnixTime>& time) const;
  void check_entry() const;
  void begin_body();
  void expand_sparse();
  std::string_view expand_pax_sparse();
  ByteView sparse_body(std::uint64_t limit);
  ByteView stored_body(std::uint64_t limit);
  void skip_body();
  void finish();
  [[noreturn]] void fail_cut_off(std::string_view where) const;
  [[noreturn]] void fail(ErrorCode code, std::string reason) const;

  Cursor cursor_;
  HeaderBlock block_{};
  HeaderValues header_;
  std::uint64_t block_offset_ = 0;
  PaxRecords records_;
  bool has_records_ = false;
  std::string long_name_;  // empty for none, as is the other
  std::string long_link_;
  Entry entry_;
  std::uint64_t stored_left_ = 0;  // of the body's bytes in the tar
  std::uint64_t padding_ = 0;
  bool is_sparse_ = false;
  SparseMap map_;  // of a sparse file
  bool ended_ = false;
  bool had_end_marker_ = true;
  bool had_data_after_end_ = false;
};

}  // namespace cim::tar
