// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// Writes the steps of an export as entries of a tar: files with their bytes and streams, other
// names of a file as hard links to the first, and the directories above the exported files.

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
#include "image/read/object_verifier.h"
#include "layer/export_plan.h"
#include "os/seeded_hash.h"
#include "tar/windows_writer.h"

namespace cim::layer {

/// Writes one export. The steps must be passed to put() in the order of ExportStep, after the calls
/// that influence how files are written.
class EntryWriter {
 public:
  /// All must outlive this object. `result` is updated with every entry.
  EntryWriter(const ImageReader& image, const ExportedFiles& exported, tar::WindowsWriter& tar,
              const ExportOptions& options, ExportResult& result);
  EntryWriter(const EntryWriter&) = delete;
  EntryWriter& operator=(const EntryWriter&) = delete;

  /// Sets names that the importer already has: other names of these files become links to them.
  void expect(SeededMap<FileId, ImagePath> names) { targets_ = std::move(names); }

  /// Writes the entry at `path`, a name of the file `at_path`, with the bytes of the file `bytes`
  /// and never as a link. Other names of the file keep its own bytes.
  void replace_bytes(FileId at_path, const ImagePath& path, FileId bytes);

  /// Makes `path` the first name of the file in the tar, since importers treat it specially.
  void put_first(FileId id, const ImagePath& path) { firsts_.try_emplace(id, path); }

  /// Receives the path of what cannot be read, and the cause.
  using FailureSink = std::function<void(const std::string& path, const Error& error)>;
  /// Skips what cannot be read and reports it, instead of throwing. Contents are read and verified
  /// before their entry is written.
  void keep_going(FailureSink failure);

  /// Writes the entry of the root, before all others. Only the tar of an image has one.
  void put_root();

  void set_total_size(std::uint64_t bytes) { bytes_total_ = bytes; }

  /// Writes the entry or whiteout, and before it the directories above it that the tar lacks.
  void put(const ExportStep& step);

  /// Writes the entries that put() deferred.
  void finish();

  /// Throws kCancelled if the caller requested a stop.
  void check_stop() const;

 private:
  // A name that is written with the bytes of another file.
  struct OtherBytes {
    ImagePath path;
    FileId bytes = 0;  // the file that has them
  };

  void put_directories_above(const ImagePath& path);
  void put_whiteout(const ImagePath& path);
  void put_file(const ImagePath& path, FileId id, const format::FileRecord& record);
  void put_described(const ImagePath& path, const format::FileRecord& record,
                     const format::Stream& bytes);
  template <typename Action>
  bool attempt(const std::string& path, const Action& action);
  void prove_readable(const Stream& stream);
  void put_hard_linked(const ImagePath& path, FileId id, const format::FileRecord& record);
  void put_link(const ImagePath& path, const ImagePath& target, const format::FileRecord& record);
  void put_streams(const format::FileRecord& record);
  void put_bytes(const Stream& stream);
  void describe(const ImagePath& path, const format::FileRecord& record);
  const Bytes& descriptor_of(const format::FileRecord& record);
  void add();
  void warn(const ImagePath& path, std::string_view text) const;
  void report();

  const ImageReader& image_;
  const ExportedFiles& exported_;
  tar::WindowsWriter& tar_;
  const ExportOptions& options_;
  ExportResult& result_;
  tar::WindowsRecord record_;
  BufferPool buffers_;
  TableBudget stream_tables_;
  ImagePath directory_;  // the current directory of the tar; it and those above it have entries
  std::vector<FileId> directory_ids_;  // of the directories from below the root to directory_
  SeededMap<FileId, ImagePath> targets_;
  SeededMap<FileId, ImagePath> firsts_;
  std::map<FileId, std::vector<ImagePath>> waiting_;  // names that wait for the first one
  SeededMap<FileId, OtherBytes> replaced_;
  SeededMap<std::uint64_t, Bytes> descriptors_;  // by location in the image
  FailureSink failure_;                          // null to throw
  std::optional<ObjectVerifier> verifier_;       // if failures are reported
  SeededSet<FileId> skipped_;                    // files with several names that cannot be read
  std::uint64_t bytes_done_ = 0;
  std::optional<std::uint64_t> bytes_total_;
};

}  // namespace cim::layer
