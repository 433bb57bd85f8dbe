// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
// An image as a tar: one walk, in the order of the image, which is that of a layer's tar.
#include <memory>
#include <utility>

#include "cimlib/image_tar.h"

#include "image/read/image_reader.h"
#include "layer/entry_writer.h"
#include "layer/tar_output.h"
#include "tar/windows_writer.h"

namespace cim {
namespace {

class ImageExport {
 public:
  ImageExport(const Image& image, const tar::CallingSink::Function& write,
              const ImageExportOptions& options)
      : image_(image),
        options_(options),
        entry_options_(
            {.progress = options.progress, .warning = options.warning, .stop = options.stop}),
        exported_(reader_of(image), options.stop,
                  options.failure ? Unreadable::kIgnore : Unreadable::kThrow),
        output_([this, write](const SharedBytes& bytes) {
          result_.file_size += bytes.bytes.size();
          write(bytes);
        }),
        packed_(layer::make_packing_sink(options.compression, output_)),
        tar_(packed_ ? *packed_ : output_, tar::TarScope::kImage),
        entries_(reader_of(image), exported_, tar_, entry_options_, counts_) {
    if (options.failure) {
      entries_.keep_going(options.failure);
    }
  }

  ImageExportResult run() {
    entries_.set_total_size(exported_.total_size());
    WalkOptions how = {.stop = options_.stop};
    if (options_.failure) {
      how.refuses_blank_records = true;
      how.failure = [this](const ImagePath& path, const Error& error) {
        options_.failure(path.to_string(), error);
      };
    }
    image_.walk(
        {},
        [this](const WalkEntry& entry) {
          put(entry);
          return true;
        },
        how);
    entries_.finish();
    tar_.finish();
    (packed_ ? *packed_ : output_).finish();
    result_.entries = counts_.entries;
    result_.size = counts_.size;
    result_.tar_size = tar_.offset();
    return result_;
  }

 private:
  void put(const WalkEntry& entry) {
    if (entry.path.is_root()) {
      return entries_.put_root();
    }
    if (options_.failure && entry.path.name().starts_with(tar::kWhiteoutPrefix)) {
      return options_.failure(
          entry.path.to_string(),
          Error(ErrorCode::kUnsupported, image_.path().string(),
                "a tar cannot contain this name, because readers treat it as a deletion"));
    }
    entries_.put({.path = entry.path, .id = entry.info.id});
  }

  // From exported_ on in the order of construction: bytes flow from entries_ to output_.
  const Image& image_;
  const ImageExportOptions& options_;
  layer::ExportOptions entry_options_;
  layer::ExportedFiles exported_;
  ImageExportResult result_;
  layer::ExportResult counts_;
  tar::CallingSink output_;
  std::unique_ptr<tar::Sink> packed_;  // null for a plain tar
  tar::WindowsWriter tar_;
  layer::EntryWriter entries_;
};

}  // namespace

ImageExportResult export_image(const Image& image, const ByteSink& sink,
                               const ImageExportOptions& options) {
  return ImageExport(
             image, [&sink](const SharedBytes& bytes) { sink(bytes.bytes); }, options)
      .run();
}

ImageExportResult export_image(const Image& image, const std::filesystem::path& tar,
                               const ImageExportOptions& options) {
  ImageExportResult result;
  layer::write_tar_file(tar, options.replaces_existing,
                        [&](const tar::CallingSink::Function& write) {
                          result = ImageExport(image, write, options).run();
                        });
  return result;
}

}  // namespace cim
