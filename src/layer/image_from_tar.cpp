// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
// Reads the tar in one pass, as the import of a layer does, but into an image of any content.
#include <functional>
#include <memory>
#include <stop_token>
#include <utility>

#include "cimlib/error.h"
#include "cimlib/image_tar.h"

#include "image/write/creation.h"
#include "layer/limited_source.h"
#include "layer/tar_entries.h"
#include "tar/compression.h"
#include "tar/source.h"

namespace cim {
namespace {

using tar::RecordKind;
using tar::WindowsRecord;

class TarCreation {
 public:
  TarCreation(const std::filesystem::path& image, const ByteSource& tar,
              const TarImageOptions& options)
      : stop_callback_(options.stop, [this] { reading_.request_stop(); }),
        input_(tar, reading_.get_token()),
        source_(tar::decompress(input_), options.limits.size),
        read_ahead_(source_, reading_),
        entries_(input_, read_ahead_, tar::TarScope::kImage,
                 {.limits = options.limits,
                  .progress = options.progress,
                  .warning = options.warning,
                  .stop = options.stop,
                  .cancelled = "creating the image was cancelled"}),
        writer_(image, stoppable(options.writer, options.stop)) {}

  CreateSummary run() {
    entries_.for_each(
        [this](const ImagePath& path, const WindowsRecord& record) { add(path, record); });
    entries_.warn_of_end(false);
    summary_.bytes = entries_.content_size();
    summary_.image = writer_.commit();
    return summary_;
  }

 private:
  void add(const ImagePath& path, const WindowsRecord& record) {
    switch (record.kind) {
      case RecordKind::kFile:
      case RecordKind::kDirectory:
      case RecordKind::kReparsePoint:
        return add_file(path, record);
      case RecordKind::kStream:
        writer_.add_alternate_stream({path, record.stream}, record.size);
        ++summary_.streams;
        return entries_.copy_body(writer_);
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
    writer_.add(path, layer::metadata_of(record), record.size);
    ++(record.kind == RecordKind::kReparsePoint ? summary_.links
       : record.kind == RecordKind::kDirectory  ? summary_.directories
                                                : summary_.files);
    if (record.kind == RecordKind::kFile) {
      entries_.copy_body(writer_);
    }
  }

  // The root is there from the start; it can be described once.
  void take_name(const ImagePath& path) {
    if (path.is_root() ? std::exchange(has_root_, true) : writer_.exists(path)) {
      throw Error(ErrorCode::kCorrupt, path.to_string(),
                  "an earlier entry has the same name, ignoring case");
    }
  }

  // In the order of construction: each source reads from the one before it.
  std::stop_source reading_;  // ends waits for input: requested by the caller or by read_ahead_
  std::stop_callback<std::function<void()>> stop_callback_;
  tar::Input input_;
  layer::LimitedSource source_;
  tar::ReadAhead read_ahead_;
  layer::TarEntries entries_;
  ImageWriter writer_;
  bool has_root_ = false;
  CreateSummary summary_;
};

}  // namespace

CreateSummary create_image_from_tar(const std::filesystem::path& image, const ByteSource& tar,
                                    const TarImageOptions& options) {
  return TarCreation(image, tar, options).run();
}

}  // namespace cim
