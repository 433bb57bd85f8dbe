// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
// An entry is made of one or more headers: extended headers and long names come first and apply to
// the header that follows them. Where several of them give a value, PAX takes precedence, then GNU,
// then the header itself; where readers disagree on that, the entry is an error (docs/tar.md).
#include "tar/reader.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "base/printable.h"

namespace cim::tar {
namespace {

// The limit of Go's reader and the layer tools; a thousand times what an entry of Windows needs.
constexpr std::uint64_t kMaxSpecialSize = std::uint64_t{1024} * 1024;

constexpr std::uint64_t padding_after(std::uint64_t size) {
  return (kBlockSize - size % kBlockSize) % kBlockSize;
}

// Returns true for entries that have no body. Readers disagree on whether one follows if the size
// is not 0.
bool is_header_only(TypeFlag type) {
  switch (type) {
    case TypeFlag::kHardLink:
    case TypeFlag::kSymlink:
    case TypeFlag::kCharacterDevice:
    case TypeFlag::kBlockDevice:
    case TypeFlag::kDirectory:
    case TypeFlag::kFifo:
      return true;
    default:
      return false;
  }
}

}  // namespace

const Entry* Reader::next() {
  skip_body();
  records_.clear();
  has_records_ = false;
  long_name_.clear();
  long_link_.clear();
  if (ended_) {
    return nullptr;
  }
  do {
    if (!read_block()) {
      finish();
      return nullptr;
    }
  } while (take_special());
  make_entry();
  return &entry_;
}

// Reads a header block; false at the end marker, and at the end of a tar without one.
bool Reader::read_block() {
  block_offset_ = cursor_.offset();
  const std::size_t got = cursor_.read(std::as_writable_bytes(std::span(&block_, 1)));
  if (got == 0 && block_offset_ == 0) {
    fail(ErrorCode::kCorrupt, "not a tar: it is empty");
  }
  if (got == 0) {
    had_end_marker_ = false;
    return false;
  }
  if (got < kBlockSize) {
    fail_truncated("inside a header");
  }
  if (is_zero(block_)) {
    return false;
  }
  const std::string_view problem = parse_header(block_, header_);
  if (!problem.empty()) {
    fail(ErrorCode::kCorrupt, std::string(problem));
  }
  return true;
}

// Handles a header that describes the next one; false if the header is an entry itself.
bool Reader::take_special() {
  switch (header_.type) {
    case TypeFlag::kPaxGlobal:
      skip_global_header();
      return true;
    case TypeFlag::kPaxExtended:
      read_extended_header();
      return true;
    case TypeFlag::kGnuLongName:
      read_long_text(long_name_);
      return true;
    case TypeFlag::kGnuLongLink:
      read_long_text(long_link_);
      return true;
    default:
      return false;
  }
}

// Reads the body of a header that describes the next one, with its padding.
void Reader::read_special(std::span<char> into) {
  const std::size_t got = cursor_.read(std::as_writable_bytes(into));
  const std::uint64_t padding = padding_after(into.size());
  if (got < into.size() || cursor_.skip(padding) < padding) {
    fail_truncated("inside an extended header");
  }
}

// An extended header before a global one still belongs to the next entry, so it is kept.
void Reader::skip_global_header() {
  require_special_size("a global header");
  stored_left_ = header_.size;
  padding_ = padding_after(header_.size);
  skip_body();
}

void Reader::require_special_size(std::string_view what) const {
  if (header_.size > kMaxSpecialSize) {
    fail(ErrorCode::kLimit, fmt::format("{} of {} bytes; the limit is 1 MiB", what, header_.size));
  }
}

// Reads an extended header; a later one replaces an earlier one.
void Reader::read_extended_header() {
  require_special_size("an extended header");
  read_special(records_.prepare(static_cast<std::size_t>(header_.size)));
  has_records_ = true;
  const std::string_view problem = records_.parse();
  if (!problem.empty()) {
    fail(ErrorCode::kCorrupt, fmt::format("an extended header with {}", problem));
  }
}

// Reads a long name or link name of GNU tar; a later one replaces an earlier one.
void Reader::read_long_text(std::string& into) {
  require_special_size("a long name");
  into.resize(static_cast<std::size_t>(header_.size));
  read_special(into);
  into.resize(std::min(into.size(), into.find('\0')));
  if (into.empty()) {
    fail(ErrorCode::kCorrupt, "a long name that is empty");
  }
}

void Reader::make_entry() {
  const auto in_seconds = [](std::int64_t seconds) { return UnixTime{seconds, 0}; };
  entry_ = {};
  entry_.path = long_name_.empty() ? header_.name : long_name_;
  entry_.link = long_link_.empty() ? header_.link : long_link_;
  entry_.type = header_.type;
  entry_.size = header_.size;
  entry_.mtime = in_seconds(header_.mtime);
  if (header_.atime) {
    entry_.atime = in_seconds(*header_.atime);
  }
  if (header_.ctime) {
    entry_.ctime = in_seconds(*header_.ctime);
  }
  entry_.records = &records_;
  entry_.offset = block_offset_;
  apply_records();
  if (entry_.type == TypeFlag::kV7Regular) {
    entry_.type = entry_.path.ends_with('/') ? TypeFlag::kDirectory : TypeFlag::kRegular;
  }
  check_entry();
  begin_body();
}

// PAX records override the header's fields.
void Reader::apply_records() {
  const auto path = records_.find_standard("path");
  const auto link = records_.find_standard("linkpath");
  // Readers disagree on which of the two takes precedence.
  if ((path && !long_name_.empty() && *path != long_name_) ||
      (link && !long_link_.empty() && *link != long_link_)) {
    fail(ErrorCode::kCorrupt, "an entry whose long names in the GNU and PAX formats differ");
  }
  entry_.path = path.value_or(entry_.path);
  entry_.link = link.value_or(entry_.link);
  if (const auto text = records_.find_standard("size")) {
    const auto size = parse_decimal(*text);
    if (!size) {
      fail(ErrorCode::kCorrupt, fmt::format("an invalid PAX size \"{}\"", printable(*text)));
    }
    entry_.size = *size;
  }
  std::optional<UnixTime> mtime;
  apply_time("mtime", mtime);
  entry_.mtime = mtime.value_or(entry_.mtime);
  apply_time("atime", entry_.atime);
  apply_time("ctime", entry_.ctime);
}

void Reader::apply_time(std::string_view key, std::optional<UnixTime>& time) const {
  if (const auto text = records_.find_standard(key)) {
    time = parse_pax_time(*text);
    if (!time) {
      fail(ErrorCode::kCorrupt, fmt::format("an invalid PAX {} \"{}\"", key, printable(*text)));
    }
  }
}

void Reader::check_entry() const {
  if (entry_.type == TypeFlag::kGnuMultiVolume) {
    fail(ErrorCode::kUnsupported, "multi-volume tars are not supported");
  }
}

// The size of an entry that cannot have a body is ignored, as by other readers: old writers copied
// it from the file.
void Reader::begin_body() {
  if (is_header_only(entry_.type)) {
    entry_.size = 0;
  }
  stored_left_ = entry_.size;
  padding_ = padding_after(entry_.size);
  is_sparse_ = entry_.type == TypeFlag::kGnuSparse ||
               std::any_of(records_.all().begin(), records_.all().end(),
                           [](const PaxRecord& r) { return r.key.starts_with("GNU.sparse."); });
  if (is_sparse_) {
    expand_sparse();
  }
}

// Reads the map of a sparse file; what is left of the body is its data.
void Reader::expand_sparse() {
  map_.clear();
  std::string_view problem;
  if (entry_.type == TypeFlag::kGnuSparse) {
    problem = read_gnu_map(block_, cursor_, map_, entry_.size);
    entry_.type = TypeFlag::kRegular;
  } else if (entry_.type == TypeFlag::kRegular) {
    problem = expand_pax_sparse();
  } else {
    problem = "a map, but it is not a regular file";
  }
  if (problem.empty()) {
    problem = map_.finish(entry_.size, stored_left_);
  }
  if (!problem.empty()) {
    fail(ErrorCode::kCorrupt,
         fmt::format("{}: a sparse file with {}", printable(entry_.path), problem));
  }
}

// The name and size in the records override those of the header.
std::string_view Reader::expand_pax_sparse() {
  const std::string_view major = records_.find("GNU.sparse.major").value_or("");
  const std::string_view minor = records_.find("GNU.sparse.minor").value_or("");
  const bool is_text = major == "1" && minor == "0";
  const bool is_records =
      (major.empty() && minor.empty()) || (major == "0" && (minor == "0" || minor == "1"));
  if (!is_text && !is_records) {
    fail(ErrorCode::kUnsupported,
         fmt::format("{}: a sparse file of unknown format {}.{}", printable(entry_.path),
                     printable(major), printable(minor)));
  }
  entry_.path = records_.find_standard("GNU.sparse.name").value_or(entry_.path);
  const auto size = records_.find("GNU.sparse.size");
  const auto real_size = records_.find("GNU.sparse.realsize");
  const auto number = parse_decimal(size.value_or(real_size.value_or("")));
  if (!number || (size && real_size && *size != *real_size)) {
    return "no size of its own, or two sizes";
  }
  entry_.size = *number;
  return is_text ? read_text_map(cursor_, map_, stored_left_) : read_pax_map(records_, map_);
}

ByteView Reader::body(std::uint64_t limit) {
  return is_sparse_ ? sparse_body(limit) : stored_body(limit);
}

// Returns bytes of the body as stored in the tar; for a sparse file, only its data.
ByteView Reader::stored_body(std::uint64_t limit) {
  const std::uint64_t most = std::min(limit, stored_left_);
  const ByteView run = is_sparse_ ? cursor_.take_some(most) : cursor_.take_content(most);
  if (run.empty() && limit > 0 && stored_left_ > 0) {
    fail_truncated(
        fmt::format("{} bytes before the end of {}", stored_left_, printable(entry_.path)));
  }
  stored_left_ -= run.size();
  return run;
}

// Returns bytes of the file: zeros for a hole, from static memory, or data from the tar.
ByteView Reader::sparse_body(std::uint64_t limit) {
  static constexpr std::array<std::byte, std::size_t{64} * 1024> kZeros{};
  ByteView run;
  if (const std::uint64_t hole = map_.hole_left(); hole > 0) {
    const std::uint64_t size = std::min({limit, hole, std::uint64_t{kZeros.size()}});
    run = ByteView(kZeros).first(static_cast<std::size_t>(size));
  } else {
    run = stored_body(std::min(limit, map_.data_left()));
  }
  map_.advance(run.size());
  return run;
}

std::size_t Reader::read(std::span<std::byte> into) {
  std::size_t done = 0;
  while (done < into.size()) {
    const ByteView run = body(into.size() - done);
    if (run.empty()) {
      break;
    }
    std::copy(run.begin(), run.end(), into.begin() + static_cast<std::ptrdiff_t>(done));
    done += run.size();
  }
  return done;
}

void Reader::skip_body() {
  while (stored_left_ > 0) {
    stored_body(stored_left_);
  }
  if (cursor_.skip(padding_) < padding_) {
    fail_truncated("after a file");
  }
  padding_ = 0;
}

// Called after the first block of the end marker. Reads the second and the rest of the source, so
// that a compressed source verifies its checksum and a caller that hashes the source sees all of
// it.
void Reader::finish() {
  if (has_records_ || !long_name_.empty() || !long_link_.empty()) {
    fail(ErrorCode::kCorrupt, "an extended header without an entry");
  }
  ended_ = true;
  if (!had_end_marker_) {
    return;
  }
  block_offset_ = cursor_.offset();
  const std::size_t got = cursor_.read(std::as_writable_bytes(std::span(&block_, 1)));
  if (got > 0 && (got < kBlockSize || !is_zero(block_))) {
    fail(ErrorCode::kCorrupt, "a block of zeros that is not followed by a second one");
  }
  const auto is_set = [](std::byte byte) { return byte != std::byte{0}; };
  for (;;) {
    const ByteView run = cursor_.take_some(std::numeric_limits<std::uint64_t>::max());
    if (run.empty()) {
      break;
    }
    had_data_after_end_ = had_data_after_end_ || std::any_of(run.begin(), run.end(), is_set);
  }
}

void Reader::fail_truncated(std::string_view where) const {
  throw Error(ErrorCode::kCorrupt, source_name(), fmt::format("the tar is truncated {}", where),
              cursor_.offset());
}

void Reader::fail(ErrorCode code, std::string reason) const {
  throw Error(code, source_name(), std::move(reason), block_offset_);
}

}  // namespace cim::tar
