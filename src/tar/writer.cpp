// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
// Headers are written in the form that Go's archive/tar chooses: plain POSIX if all values fit,
// else an extended header with the values that do not. Equal entries give equal bytes.
#include "tar/writer.h"

#include <algorithm>
#include <array>
#include <bit>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "cimlib/error.h"

#include "tar/pax.h"

namespace cim::tar {
namespace {

// Size of the runs passed to the sink; larger bodies bypass the buffer.
constexpr std::size_t kRunSize = std::size_t{256} * 1024;
constexpr std::size_t kMaxRecordsSize = std::size_t{1024} * 1024;
constexpr std::size_t kMaxSplitPrefix = 155;

template <std::size_t Size>
void put_text(Field<Size>& field, std::string_view text) {
  std::copy_n(text.begin(), std::min(text.size(), Size), field.begin());
}

template <std::size_t Size>
constexpr bool fits_octal(const Field<Size>& /*field*/, std::uint64_t value) {
  return value >> (3 * (Size - 1)) == 0;
}

// Writes leading zeros and a NUL at the end; 0 if the value does not fit and is in a record
// instead.
template <std::size_t Size>
void put_octal(Field<Size>& field, std::uint64_t value) {
  value = fits_octal(field, value) ? value : 0;
  for (std::size_t i = Size - 1; i-- > 0; value >>= 3) {
    field[i] = static_cast<char>('0' + (value & 7));
  }
  field[Size - 1] = '\0';
}

// Six digits, a NUL and a space, as POSIX prescribes.
void put_checksum(HeaderBlock& block) {
  block.checksum.fill(' ');
  unsigned sum = 0;
  for (const unsigned char byte : std::bit_cast<std::array<unsigned char, kBlockSize>>(block)) {
    sum += byte;
  }
  Field<7> digits{};
  put_octal(digits, sum);
  std::copy(digits.begin(), digits.end(), block.checksum.begin());
}

void put_magic(HeaderBlock& block) {
  put_text(block.magic, std::string_view("ustar\0"
                                         "00",
                                         8));
}

bool is_plain_ascii(std::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return c != '\0' && static_cast<unsigned char>(c) < 0x80; });
}

// Returns a header's version of a text that is stored in full in a record.
std::string ascii_of(std::string_view text) {
  std::string result(text);
  std::erase_if(result, [](char c) { return !is_plain_ascii({&c, 1}); });
  return result;
}

template <std::size_t Size>
bool fits(const Field<Size>& /*field*/, std::string_view text) {
  return text.size() <= Size && is_plain_ascii(text);
}

/// A path in the two fields of a header, prefix first.
using SplitPath = std::pair<std::string_view, std::string_view>;

// Divides a path at a slash between the prefix and the name of a header; nullopt if it needs a PAX
// record.
std::optional<SplitPath> split(std::string_view path) {
  constexpr std::size_t kNameSize = std::tuple_size_v<decltype(HeaderBlock::name)>;
  if (!is_plain_ascii(path)) {
    return std::nullopt;
  }
  if (path.size() <= kNameSize) {
    return SplitPath{{}, path};
  }
  const std::size_t slash = path.rfind('/', kMaxSplitPrefix);
  if (slash == std::string_view::npos || slash == 0 || path.size() - slash - 1 > kNameSize) {
    return std::nullopt;
  }
  return SplitPath{path.substr(0, slash), path.substr(slash + 1)};
}

// Returns "DIR/PaxHeaders.0/BASE", truncated to fit.
std::string records_name(std::string_view path) {
  const std::size_t slash = path.rfind('/');
  const std::size_t base = slash == std::string_view::npos ? 0 : slash + 1;
  std::string name =
      ascii_of(fmt::format("{}PaxHeaders.0/{}", path.substr(0, base), path.substr(base)));
  name.resize(std::min(name.size(), sizeof(HeaderBlock::name)));
  while (name.ends_with('/')) {
    name.pop_back();
  }
  return name;
}

// Leaves out times and owner, for which Windows metadata have other places.
HeaderBlock make_block(TypeFlag type, std::uint64_t size) {
  HeaderBlock block{};
  block.type = type;
  put_octal(block.mode, 0);
  put_octal(block.uid, 0);
  put_octal(block.gid, 0);
  put_octal(block.size, size);
  put_octal(block.mtime, 0);
  put_magic(block);
  return block;
}

// The header of an entry. If it has records, the name here is only for readers that ignore them.
HeaderBlock make_block(const NewEntry& entry, bool has_records) {
  HeaderBlock block = make_block(entry.type, entry.size);
  put_octal(block.mode, entry.mode);
  put_octal(block.mtime,
            static_cast<std::uint64_t>(std::max<std::int64_t>(0, entry.mtime.seconds)));
  Field<8> device{};
  put_octal(device, 0);
  std::copy(device.begin(), device.end(), block.device.begin());
  std::copy(device.begin(), device.end(), block.device.begin() + 8);
  put_text(block.link, ascii_of(entry.link));
  if (has_records) {
    std::string name = ascii_of(entry.path);
    name.resize(std::min(name.size(), block.name.size()));
    while (name.size() == block.name.size() && name.ends_with('/')) {
      name.pop_back();  // or old readers would take a truncated path for a directory
    }
    put_text(block.name, name);
  } else {
    const SplitPath path = split(entry.path).value_or(SplitPath{});
    UstarTail tail{};
    put_text(tail.prefix, path.first);
    put_text(block.name, path.second);
    block.last = std::bit_cast<decltype(block.last)>(tail);
  }
  put_checksum(block);
  return block;
}

template <typename T>
ByteView bytes_of(const T& block) {
  return std::as_bytes(std::span(&block, 1));
}

[[noreturn]] void refuse(std::string_view path, std::string reason,
                         ErrorCode code = ErrorCode::kInvalidArgument) {
  throw Error(code, std::string(path), std::move(reason));
}

}  // namespace

Writer::Writer(Sink& sink) : sink_(sink), buffers_(kRunSize), buffer_(buffers_.take()) {}

void Writer::begin(const NewEntry& entry) {
  guard_.run([&] { start(entry); });
}

void Writer::start(const NewEntry& entry) {
  close_entry();
  records_ = entry.records;
  begin_records(entry);
  const bool has_records = !records_.empty();
  if (has_records) {
    HeaderBlock block = make_block(TypeFlag::kPaxExtended, records_.size());
    put_text(block.name, records_name(entry.path));
    put_checksum(block);
    put(bytes_of(block));
    put(as_bytes(records_));
    put_padding();
  }
  put(bytes_of(make_block(entry, has_records)));
  body_left_ = entry.size;
}

// Adds records for what the header cannot hold. Without other records, a long path may be divided
// among the header's two fields.
void Writer::begin_records(const NewEntry& entry) {
  const HeaderBlock block{};
  const bool has_time = entry.mtime.nanoseconds != 0 || entry.mtime.seconds < 0 ||
                        !fits_octal(block.mtime, static_cast<std::uint64_t>(entry.mtime.seconds));
  const bool has_link = !fits(block.link, entry.link);
  const bool has_size = !fits_octal(block.size, entry.size);
  const bool needs_records = !records_.empty() || has_time || has_link || has_size;
  const bool has_path = needs_records ? !fits(block.name, entry.path) : !split(entry.path);
  if (has_link) {
    append_pax_record(records_, "linkpath", entry.link);
  }
  if (has_time) {
    append_pax_record(records_, "mtime", format_pax_time(entry.mtime));
  }
  if (has_path) {
    append_pax_record(records_, "path", entry.path);
  }
  if (has_size) {
    append_pax_record(records_, "size", fmt::format("{}", entry.size));
  }
  if (records_.size() > kMaxRecordsSize) {
    refuse(entry.path, fmt::format("{} bytes of metadata; the limit is 1 MiB", records_.size()),
           ErrorCode::kLimit);
  }
}

void Writer::write(ByteView bytes, std::shared_ptr<const void> owner) {
  guard_.run([&] {
    if (bytes.size() > body_left_) {
      refuse("tar", fmt::format("{} bytes more than the entry's size", bytes.size() - body_left_));
    }
    body_left_ -= bytes.size();
    put({bytes, std::move(owner)});
  });
}

void Writer::finish() {
  guard_.close([this] {
    close_entry();
    put(Bytes(2 * kBlockSize));
    flush();
  });
}

void Writer::close_entry() {
  if (body_left_ != 0) {
    refuse("tar", fmt::format("{} bytes of the entry are missing", body_left_));
  }
  put_padding();
}

// Small pieces are gathered; a large one with an owner is passed on without being copied.
void Writer::put(const SharedBytes& shared) {
  const ByteView bytes = shared.bytes;
  offset_ += bytes.size();
  if (bytes.size() > kRunSize - buffered_) {
    flush();
  }
  if (bytes.size() >= kRunSize) {
    sink_.write(shared);
  } else {
    std::ranges::copy(bytes, buffer_->begin() + static_cast<std::ptrdiff_t>(buffered_));
    buffered_ += bytes.size();
  }
}

void Writer::put_padding() {
  static constexpr std::array<std::byte, kBlockSize> kZeros{};
  put(ByteView(kZeros).first((kBlockSize - offset_ % kBlockSize) % kBlockSize));
}

void Writer::flush() {
  if (buffered_ > 0) {
    sink_.write({ByteView(*buffer_).first(std::exchange(buffered_, 0)), buffer_});
    buffer_ = buffers_.take();
  }
}

}  // namespace cim::tar
