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
// Understood are V7, POSIX (ustar and PAX), GNU and star headers; a PAX header's path, linkpath,
// size and times take the place of the header's own; global PAX headers are passed over. A tar must
// have its end marker: two blocks of zeros, or one and then the end, as GNU tar and Go's reader
// take it. Unlike those, it refuses a tar without any: it was cut off between two entries, and a
// layer must not become smaller for that.

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

namespace cim::tar {

/// One entry of a tar. Its views, like the entry itself, are valid until the next call of
/// Reader::next().
struct Entry {
  std::string_view path;               ///< as it stands there, whatever its bytes
  std::string_view link;               ///< what a hard link or symbolic link leads to
  TypeFlag type = TypeFlag::kRegular;  ///< never kV7Regular
  std::uint64_t size = 0;              ///< bytes of the body
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
  /// sparse files of GNU tar and archives over several volumes.
  const Entry* next();

  /// The next bytes of the body that lie in one piece, at most `limit`; empty at its end. Valid
  /// until the next call of anything here.
  ByteView body(std::uint64_t limit = std::numeric_limits<std::uint64_t>::max());

  /// Copies bytes of the body as far as it goes; returns how many.
  std::size_t read(std::span<std::byte> into);

  /// Bytes of the tar read so far.
  std::uint64_t offset() const noexcept { return cursor_.offset(); }
  const std::string& source_name() const noexcept { return cursor_.source_name(); }

  /// After the end: whether something other than zeros stood behind the end marker. It was ignored,
  /// as every reader does.
  bool had_data_after_end() const noexcept { return had_data_after_end_; }

 private:
  bool read_block();
  void read_special(std::span<char> into);
  void read_extended_header();
  void read_long_text(std::string& into);
  bool take_special();
  void make_entry();
  void apply_records();
  void apply_time(std::string_view key, std::optional<UnixTime>& time) const;
  void check_entry() const;
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
  std::uint64_t body_left_ = 0;
  std::uint64_t padding_ = 0;
  bool ended_ = false;
  bool had_data_after_end_ = false;
};

}  // namespace cim::tar
