// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "tar/reader.h"

#include <algorithm>

#include <fmt/format.h>

#include "tar/printable.h"

namespace cim::tar {
namespace {

// What Go's reader and the layer tools take; a thousand times what an entry of Windows needs.
constexpr std::uint64_t kMaxSpecialSize = std::uint64_t{1024} * 1024;

constexpr std::uint64_t padding_after(std::uint64_t size) {
  return (kBlockSize - size % kBlockSize) % kBlockSize;
}

// Entries that have no body. Readers differ on whether one follows if the size says so.
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

// Reads a header block; false at the end marker.
bool Reader::read_block() {
  block_offset_ = cursor_.offset();
  const std::size_t got = cursor_.read(std::as_writable_bytes(std::span(&block_, 1)));
  if (got == 0) {
    fail(ErrorCode::kCorrupt, "the tar ends without its end marker; it is cut off or unfinished");
  }
  if (got < kBlockSize) {
    fail_cut_off("inside a header");
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

// Takes a header that tells about the next one; false if this is an entry of its own.
bool Reader::take_special() {
  switch (header_.type) {
    case TypeFlag::kPaxGlobal:
      body_left_ = header_.size;
      padding_ = padding_after(header_.size);
      skip_body();
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

void Reader::read_special(std::span<char> into) {
  const std::size_t got = cursor_.read(std::as_writable_bytes(into));
  const std::uint64_t padding = padding_after(into.size());
  if (got < into.size() || cursor_.skip(padding) < padding) {
    fail_cut_off("inside an extended header");
  }
}

void Reader::read_extended_header() {
  if (has_records_) {
    fail(ErrorCode::kCorrupt, "two extended headers for one entry");
  }
  if (header_.size > kMaxSpecialSize) {
    fail(ErrorCode::kLimit,
         fmt::format("an extended header of {} bytes; at most 1 MiB is read", header_.size));
  }
  read_special(records_.prepare(static_cast<std::size_t>(header_.size)));
  has_records_ = true;
  const std::string_view problem = records_.parse();
  if (!problem.empty()) {
    fail(ErrorCode::kCorrupt, fmt::format("an extended header with {}", problem));
  }
}

void Reader::read_long_text(std::string& into) {
  if (!into.empty()) {
    fail(ErrorCode::kCorrupt, "two long names for one entry");
  }
  if (header_.size > kMaxSpecialSize) {
    fail(ErrorCode::kLimit,
         fmt::format("a long name of {} bytes; at most 1 MiB is read", header_.size));
  }
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
  body_left_ = entry_.size;
  padding_ = padding_after(entry_.size);
}

// What the PAX records say takes the place of the header's fields.
void Reader::apply_records() {
  const auto path = records_.find_standard("path");
  const auto link = records_.find_standard("linkpath");
  if ((path && !long_name_.empty()) || (link && !long_link_.empty())) {
    fail(ErrorCode::kCorrupt, "an entry with a long name in both the GNU and the PAX form");
  }
  entry_.path = path.value_or(entry_.path);
  entry_.link = link.value_or(entry_.link);
  if (const auto text = records_.find_standard("size")) {
    const auto size = parse_decimal(*text);
    if (!size) {
      fail(ErrorCode::kCorrupt, fmt::format("a PAX size \"{}\"", printable(*text)));
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
      fail(ErrorCode::kCorrupt, fmt::format("a PAX {} \"{}\"", key, printable(*text)));
    }
  }
}

void Reader::check_entry() const {
  const auto is_sparse = [](const PaxRecord& r) { return r.key.starts_with("GNU.sparse."); };
  if (entry_.type == TypeFlag::kGnuSparse ||
      std::any_of(records_.all().begin(), records_.all().end(), is_sparse)) {
    // A few bytes could claim exabytes of holes; no tool for layers writes such entries.
    fail(ErrorCode::kUnsupported,
         fmt::format("{}: stored with holes, in the way of GNU tar", printable(entry_.path)));
  }
  if (entry_.type == TypeFlag::kGnuMultiVolume) {
    fail(ErrorCode::kUnsupported, "a volume of a tar in several volumes");
  }
  if (is_header_only(entry_.type) && entry_.size != 0) {
    fail(ErrorCode::kCorrupt,
         fmt::format("{}: {} bytes are announced for an entry that can have none",
                     printable(entry_.path), entry_.size));
  }
}

ByteView Reader::body(std::uint64_t limit) {
  const ByteView run = cursor_.take_some(std::min(limit, body_left_));
  if (run.empty() && limit > 0 && body_left_ > 0) {
    fail_cut_off(fmt::format("{} bytes before the end of {}", body_left_, printable(entry_.path)));
  }
  body_left_ -= run.size();
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
  while (body_left_ > 0) {
    body();
  }
  if (cursor_.skip(padding_) < padding_) {
    fail_cut_off("behind a file");
  }
  padding_ = 0;
}

// After the first block of the end marker: looks at the second, and reads all that is left, so that
// a compressed source checks its checksum, and whoever hashes the source sees all of it.
void Reader::finish() {
  if (has_records_ || !long_name_.empty() || !long_link_.empty()) {
    fail(ErrorCode::kCorrupt, "an extended header without an entry");
  }
  block_offset_ = cursor_.offset();
  const std::size_t got = cursor_.read(std::as_writable_bytes(std::span(&block_, 1)));
  if (got > 0 && (got < kBlockSize || !is_zero(block_))) {
    fail(ErrorCode::kCorrupt, "one block of zeros, and something else where the second is due");
  }
  ended_ = true;
  const auto is_set = [](std::byte byte) { return byte != std::byte{0}; };
  for (;;) {
    const ByteView run = cursor_.take_some(std::numeric_limits<std::uint64_t>::max());
    if (run.empty()) {
      break;
    }
    had_data_after_end_ = had_data_after_end_ || std::any_of(run.begin(), run.end(), is_set);
  }
}

void Reader::fail_cut_off(std::string_view where) const {
  throw Error(ErrorCode::kCorrupt, source_name(), fmt::format("the tar is cut off {}", where),
              cursor_.offset());
}

void Reader::fail(ErrorCode code, std::string reason) const {
  throw Error(code, source_name(), std::move(reason), block_offset_);
}

}  // namespace cim::tar
