// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
// Reads the tar in one pass, as the import of a layer does, but into an image of any content.
#include <functional>
#include <memory>
#include <stop_token>
#include <utility>

#include <fmt/format.h>

#include "cimlib/error.h"
#include "cimlib/image_tar.h"

#include "layer/limited_source.h"
#include "layer/tar_faults.h"
#include "tar/compression.h"
#include "tar/source.h"
#include "tar/windows_records.h"

namespace cim {
namespace {

using tar::RecordKind;
using tar::WindowsRecord;

// Progress is reported and cancellation checked between two pieces of a body.
constexpr std::uint64_t kBodyPieceOfTar = std::uint64_t{1} << 20;

WriterOptions writer_options_of(const TarImageOptions& options) {
  WriterOptions writer = options.writer;
  writer.lock_timeout.stop = options.stop;
  return writer;
}

class TarCreation {
 public:
  TarCreation(const std::filesystem::path& image, const ByteSource& tar,
              const TarImageOptions& options)
      : options_(options),
        stop_callback_(options.stop, [this] { reading_.request_stop(); }),
        input_(tar, reading_.get_token()),
        source_(tar::decompress(input_), options.limits.size),
        read_ahead_(source_, reading_),
        reader_(read_ahead_, tar::TarScope::kImage),
        writer_(image, writer_options_of(options)) {}

  CreateSummary run() {
    while (const WindowsRecord* const record = reader_.next()) {
      check_limits(*record);
      const ImagePath path = layer::image_path(record->path);
      try {
        add(path, *record);
      } catch (const Error& error) {
        layer::explain_fault(error, reader_, path);
      }
      ++entries_;
      report();
    }
    warn_of_end();
    summary_.image = writer_.commit();
    return summary_;
  }

 private:
  // Holes need no space in a tar, so sizes are checked before anything is stored.
  void check_limits(const WindowsRecord& record) {
    if (entries_ >= options_.limits.entries) {
      throw Error(ErrorCode::kLimit, reader_.source_name(),
                  fmt::format("more than the {} entries allowed", options_.limits.entries),
                  reader_.record_offset());
    }
    const bool has_bytes = record.kind == RecordKind::kFile || record.kind == RecordKind::kStream;
    const std::uint64_t size = has_bytes ? record.size : 0;
    if (size > options_.limits.size - summary_.bytes) {
      throw Error(ErrorCode::kLimit, reader_.source_name(),
                  fmt::format("{}: its {} bytes make the files larger than the {} bytes allowed",
                              reader_.current_path(), size, options_.limits.size),
                  reader_.record_offset());
    }
    summary_.bytes += size;
  }

  void add(const ImagePath& path, const WindowsRecord& record) {
    switch (record.kind) {
      case RecordKind::kFile:
      case RecordKind::kDirectory:
      case RecordKind::kReparsePoint:
        return add_file(path, record);
      case RecordKind::kStream:
        writer_.add_alternate_stream({path, record.stream}, record.size);
        ++summary_.streams;
        return copy_body();
      case RecordKind::kHardLink:
        take_name(path);
        writer_.add_link(path, layer::image_path(record.link_target));
        ++summary_.hard_links;
        return;
      case RecordKind::kWhiteout:
      case RecordKind::kOpaqueMarker:
        break;  // the reader refuses them
    }
  }

  void add_file(const ImagePath& path, const WindowsRecord& record) {
    take_name(path);
    writer_.add(path,
                {.attributes = record.attributes,
                 .times = record.times,
                 .security_descriptor = record.security_descriptor,
                 .extended_attributes = record.extended_attributes,
                 .reparse_data = record.reparse_data},
                record.size);
    ++(record.kind == RecordKind::kReparsePoint ? summary_.links
       : record.kind == RecordKind::kDirectory  ? summary_.directories
                                                : summary_.files);
    if (record.kind == RecordKind::kFile) {
      copy_body();
    }
  }

  // The root is there from the start; it can be described once.
  void take_name(const ImagePath& path) {
    if (path.is_root() ? std::exchange(has_root_, true) : writer_.exists(path)) {
      throw Error(ErrorCode::kCorrupt, path.to_string(),
                  "an earlier entry has the same name, ignoring case");
    }
  }

  void copy_body() {
    for (ByteView piece = reader_.body(kBodyPieceOfTar); !piece.empty();
         piece = reader_.body(kBodyPieceOfTar)) {
      writer_.write(piece, read_ahead_.owner());
      report();
    }
  }

  void warn_of_end() const {
    if (options_.warning && !reader_.had_end_marker()) {
      options_.warning(reader_.source_name() +
                       ": the tar has no end marker; if it was truncated, entries are missing");
    }
    if (options_.warning && reader_.had_data_after_end()) {
      options_.warning(reader_.source_name() + ": data after the end of the tar was ignored");
    }
  }

  void report() {
    if (options_.stop.stop_requested()) {
      throw Error(ErrorCode::kCancelled, reader_.source_name(), "creating the image was cancelled");
    }
    if (options_.progress) {
      options_.progress({.bytes_done = input_.bytes_done(),
                         .bytes_total = input_.bytes_total(),
                         .entries_done = entries_,
                         .current = {}});
    }
  }

  // In the order of construction: each source reads from the one before it.
  const TarImageOptions& options_;
  std::stop_source reading_;  // ends waits for input: requested by the caller or by read_ahead_
  std::stop_callback<std::function<void()>> stop_callback_;
  tar::Input input_;
  layer::LimitedSource source_;
  tar::ReadAhead read_ahead_;
  tar::WindowsReader reader_;
  ImageWriter writer_;
  bool has_root_ = false;
  std::uint64_t entries_ = 0;
  CreateSummary summary_;
};

}  // namespace

CreateSummary create_image_from_tar(const std::filesystem::path& image, const ByteSource& tar,
                                    const TarImageOptions& options) {
  return TarCreation(image, tar, options).run();
}

}  // namespace cim
