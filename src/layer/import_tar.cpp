// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include <optional>
#include <string>
#include <system_error>
#include <utility>

#include <fmt/format.h>

#include "cimlib/error.h"
#include "cimlib/layer.h"

#include "tar/decompress.h"
#include "tar/source.h"
#include "tar/windows_records.h"

namespace cim::layer {
namespace {

using tar::RecordKind;
using tar::WindowsRecord;

// A piece of a body; between two the caller is told how far we are and may stop us.
constexpr std::uint64_t kPieceSize = std::uint64_t{1} << 20;

ImagePath image_path(const tar::Names& names) {
  ImagePath path;
  for (const std::u16string& name : names) {
    path = std::move(path).child(name);
  }
  return path;
}

/// Directories that an import makes; those that stay empty go again if it fails.
class NewDirectories {
 public:
  NewDirectories() = default;
  NewDirectories(const NewDirectories&) = delete;
  NewDirectories& operator=(const NewDirectories&) = delete;
  ~NewDirectories() {
    for (auto made = made_.rbegin(); made != made_.rend(); ++made) {
      std::error_code ignored;  // somebody else put something there meanwhile: it stays
      std::filesystem::remove(*made, ignored);
    }
  }

  void make(const std::filesystem::path& directory) {
    std::vector<std::filesystem::path> missing;
    for (auto at = std::filesystem::absolute(directory); !std::filesystem::exists(at);
         at = at.parent_path()) {
      missing.push_back(at);
    }
    for (auto at = missing.rbegin(); at != missing.rend(); ++at) {
      std::error_code error;
      if (std::filesystem::create_directory(*at, error)) {
        made_.push_back(*at);
      } else if (error) {
        throw Error(ErrorCode::kIo, at->string(),
                    "cannot create the directory: " + error.message());
      }
    }
  }
  void keep() noexcept { made_.clear(); }

 private:
  std::vector<std::filesystem::path> made_;
};

class Import {
 public:
  Import(tar::Input& input, const std::filesystem::path& image, const ImportOptions& options)
      : input_(input),
        source_(tar::decompress(input)),
        reader_(*source_),
        options_(options),
        writer_(image, options.writer) {}

  ImportResult run() {
    while (const WindowsRecord* const record = reader_.next()) {
      try {
        add(*record);
      } catch (const Error& error) {
        explain(error);
      }
      ++result_.entries;
      report();
    }
    if (reader_.had_data_after_end() && options_.warning) {
      options_.warning(reader_.source_name() + ": data after the end of the tar were ignored");
    }
    result_.image = writer_.commit();
    return result_;
  }

 private:
  void add(const WindowsRecord& record) {
    const ImagePath path = image_path(record.path);
    switch (record.kind) {
      case RecordKind::kFile:
      case RecordKind::kDirectory:
      case RecordKind::kReparsePoint:
        return create(path, record);
      case RecordKind::kStream:
        writer_.create_stream(path, record.stream, record.size);
        return copy_body();
      case RecordKind::kHardLink:
        refuse_repeated(path);
        return writer_.link(path, image_path(record.link_target));
      case RecordKind::kWhiteout:
      case RecordKind::kOpaqueMarker:
        throw Error(ErrorCode::kCorrupt, path.to_string(),
                    "a whiteout, and a layer without parents has nothing to hide");
    }
  }

  void create(const ImagePath& path, const WindowsRecord& record) {
    if (record.kind != RecordKind::kDirectory || !writer_.is_directory(path)) {
      refuse_repeated(path);
    }
    writer_.create(path,
                   {.attributes = record.attributes,
                    .times = record.times,
                    .security_descriptor = record.security_descriptor,
                    .extended_attributes = record.extended_attributes,
                    .reparse_data = record.reparse_data},
                   record.size);
    if (record.kind == RecordKind::kFile) {
      result_.size += record.size;
      copy_body();
    }
  }

  // Two entries of one name in one layer: which one its maker meant can't be known.
  void refuse_repeated(const ImagePath& path) const {
    if (writer_.exists(path)) {
      throw Error(ErrorCode::kCorrupt, path.to_string(),
                  "an entry before has the same name, letter case apart");
    }
  }

  void copy_body() {
    for (ByteView piece = reader_.body(kPieceSize); !piece.empty();
         piece = reader_.body(kPieceSize)) {
      writer_.write(piece);
      report();
    }
  }

  void report() {
    if (options_.stop.stop_requested()) {
      throw Error(ErrorCode::kCancelled, reader_.source_name(), "the import was cancelled");
    }
    if (options_.progress) {
      options_.progress({.bytes_done = input_.bytes_done(),
                         .bytes_total = input_.bytes_total(),
                         .entries_done = result_.entries,
                         .current = {}});
    }
  }

  // What an entry made impossible is told as a fault of the tar, with its place there; what the
  // system refused stays what it is.
  [[noreturn]] void explain(const Error& error) const {
    switch (error.code()) {
      case ErrorCode::kNotFound:
      case ErrorCode::kInvalidArgument:
      case ErrorCode::kAccessDenied:
      case ErrorCode::kCorrupt:
      case ErrorCode::kLimit:
        if (error.subject().starts_with('\\')) {  // a path inside the image
          throw Error(ErrorCode::kCorrupt, reader_.source_name(),
                      fmt::format("{}: {}", reader_.current_path(), error.reason()),
                      reader_.record_offset());
        }
        throw;
      default:
        throw;
    }
  }

  tar::Input& input_;
  std::unique_ptr<tar::Source> source_;
  tar::WindowsReader reader_;
  const ImportOptions& options_;
  ImageWriter writer_;
  ImportResult result_;
};

}  // namespace

ImportResult import_tar(const std::filesystem::path& tar, const std::filesystem::path& layer,
                        const ImportOptions& options) {
  const auto input = tar::open_input(tar);
  NewDirectories directories;
  directories.make(layer);
  directories.make(cim_dir(layer));
  const ImportResult result = Import(*input, cim_path(layer), options).run();
  directories.keep();
  return result;
}

}  // namespace cim::layer
