// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "layer/commit/upper_contents.h"

#include <algorithm>

#include "cimlib/error.h"
#include "cimlib/wtf8.h"

#include "layer/commit/upper_streams.h"
#include "ntfs/ntfs_3g.h"

namespace cim::layer {
namespace {

constexpr std::size_t kStreamPiece = std::size_t{1} << 20;

// Returns the name of a stream as the image has it.
std::u16string stream_name(const std::string& stream, const std::string& where) {
  const auto utf16 = to_utf16(stream);
  if (!utf16) {
    throw Error(ErrorCode::kInvalidArgument, where, "the name is not valid UTF-8");
  }
  try {
    check_name(*utf16);
  } catch (const Error& error) {
    throw Error(error.code(), where, error.reason());
  }
  return *utf16;
}

}  // namespace

// The reader reports nothing for a file that is one hole, and the layer requires every byte.
void UpperContents::write_file(const HostEntry& file) {
  written_ = 0;
  reader_.read(
      file, [this](std::uint64_t size) { write_hole(size); },
      [this](ByteView bytes) { write(bytes); });
  write_hole(file.size() - written_);
}

void UpperContents::add_streams(const UpperEntry& entry, const ImagePath& path,
                                std::optional<FileId> source) {
  for (const std::string& stream : entry.streams()) {
    const auto value = entry.host().xattr(std::string(ntfs_xattr::kStreamPrefix) + stream);
    if (value) {
      begin_stream(entry, path, stream, value->size());
      write(*value);
    }
  }
  if (!source) {
    return;
  }
  for (const StreamInfo& stream :
       streams_not_copied(entry, parent_, *source, options_.had_stream_attributes)) {
    copy_stream(*source, path, stream.name);
  }
}

void UpperContents::begin_stream(const UpperEntry& entry, const ImagePath& path,
                                 const std::string& stream, std::uint64_t size) {
  const std::string where = entry.host().path() + ":" + stream;
  const StreamPath target{path, stream_name(stream, where)};
  if (layer_.exists(target)) {
    throw Error(ErrorCode::kUnsupported, where, "another stream has the same name, ignoring case");
  }
  layer_.add_alternate_stream(target, size);
  ++result_.streams;
}

void UpperContents::copy_stream(FileId source, const ImagePath& path, const std::u16string& name) {
  const auto stream = parent_.open_stream(source, name);
  if (!stream) {
    return;
  }
  layer_.add_alternate_stream({path, name}, stream->size());
  ++result_.streams;
  Bytes piece(static_cast<std::size_t>(std::min<std::uint64_t>(stream->size(), kStreamPiece)));
  for (std::uint64_t at = 0; at < stream->size();) {
    const std::size_t got = stream->read(at, piece);
    write(ByteView(piece).first(got));
    at += got;
  }
}

void UpperContents::finish_entry(const std::string& name) {
  ++progress_.entries_done;
  current_ = name;
  report();
}

void UpperContents::check_stop() const {
  if (options_.stop.stop_requested()) {
    throw Error(ErrorCode::kCancelled, upper_, "the commit was cancelled");
  }
}

// Holes are passed as zeros, which the writer stores as holes again: in pieces, so that a caller
// that waits can still cancel.
void UpperContents::write_hole(std::uint64_t size) {
  constexpr std::uint64_t kPieceSize = std::uint64_t{16} << 20;
  written_ += size;
  result_.bytes += size;
  while (size > 0) {
    const std::uint64_t piece = std::min(size, kPieceSize);
    layer_.write_zeros(piece);
    check_stop();
    size -= piece;
  }
}

void UpperContents::write(ByteView bytes) {
  layer_.write(bytes);
  written_ += bytes.size();
  result_.bytes += bytes.size();
  progress_.bytes_done += bytes.size();
  check_stop();
  report();
}

void UpperContents::report() {
  if (options_.progress) {
    progress_.current = current_;
    options_.progress(progress_);
  }
}

}  // namespace cim::layer
