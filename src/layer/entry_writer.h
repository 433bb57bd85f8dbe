// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// The steps of an export as entries of a tar: files with their bytes and streams, back references
// of a file as hard links behind the first, and the directories above what is exported.

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "cimlib/layer_export.h"

#include "async/shared_bytes.h"
#include "image/read/directory_visits.h"
#include "image/read/image_reader.h"
#include "layer/export_plan.h"
#include "os/seeded_hash.h"
#include "tar/windows_writer.h"

namespace cim::layer {

class EntryWriter {
 public:
  /// All must outlive it. `result` counts along.
  EntryWriter(const ImageReader& image, const NameCounts& names, tar::WindowsWriter& tar,
              const ExportOptions& options, ExportResult& result);
  EntryWriter(const EntryWriter&) = delete;
  EntryWriter& operator=(const EntryWriter&) = delete;

  /// Names that the importer will find: further ones of these files are links to them.
  void expect(SeededMap<FileId, ImagePath> names) { targets_ = std::move(names); }

  /// The file at `path` shall have the bytes of another file, and be linked with none.
  void replace_bytes(FileId at_path, const ImagePath& path, FileId bytes);

  /// Files whose first name in the tar must be `path`, since importers take it apart from others.
  void put_first(FileId id, const ImagePath& path) { firsts_.try_emplace(id, path); }

  void set_total_size(std::uint64_t bytes) { bytes_total_ = bytes; }

  void put(const ExportStep& step);

  /// Ends what put() began.
  void finish();

  /// Throws kCancelled if the caller wishes so.
  void check_stop() const;

 private:
  struct OtherBytes {
    ImagePath path;
    FileId bytes = 0;
  };

  void put_directories_above(const ImagePath& path);
  void put_whiteout(const ImagePath& path);
  void put_file(const ImagePath& path, FileId id, const format::FileRecord& record);
  void put_named_often(const ImagePath& path, FileId id, const format::FileRecord& record);
  void put_link(const ImagePath& path, const ImagePath& target, const format::FileRecord& record);
  void put_streams(const format::FileRecord& record);
  void put_bytes(const Stream& stream);
  void describe(const ImagePath& path, const format::FileRecord& record);
  const Bytes& descriptor_of(const format::FileRecord& record);
  void add();
  void warn(const ImagePath& path, std::string_view text) const;
  void report();

  const ImageReader& image_;
  const NameCounts& names_;
  tar::WindowsWriter& tar_;
  const ExportOptions& options_;
  ExportResult& result_;
  tar::WindowsRecord record_;
  BufferPool buffers_;
  TableBudget stream_tables_;
  ImagePath directory_;  // the one that the tar is in; those above it are in the tar, too
  std::vector<FileId> directory_ids_;  // of all on the way there below the root
  SeededMap<FileId, ImagePath> targets_;
  SeededMap<FileId, ImagePath> firsts_;
  std::map<FileId, std::vector<ImagePath>> waiting_;  // names for the first to come
  SeededMap<FileId, OtherBytes> replaced_;
  SeededMap<std::uint64_t, Bytes> descriptors_;  // by place
  std::uint64_t bytes_done_ = 0;
  std::optional<std::uint64_t> bytes_total_;
};

}  // namespace cim::layer
