// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// One file that is added to a layer from its backup stream.

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "cimlib/layer_writer.h"
#include "cimlib/progress.h"

#include "layer/sparse_staging.h"
#include "ntfs/backup_stream.h"

namespace cim::layer {

/// The layer that a file is added to. All members must outlive the file.
struct BackupTarget {
  LayerWriter& writer;
  SparseStaging& staging;
  const WarningSink& warning;
  /// How many bytes the rest of the layer's files and streams may have.
  std::uint64_t& size_left;
};

/// Adds the file to the layer as soon as its first stream begins, with the metadata that came
/// before; metadata that comes later replaces it at the end.
class BackupFile {
 public:
  BackupFile(const BackupTarget& target, const ImagePath& path, std::uint32_t attributes,
             const FileTimes& times);

  void write(ByteView bytes, const std::shared_ptr<const void>& owner);
  void finish();

 private:
  // Where the bytes of the current record go.
  enum class Place { kNowhere, kLayer, kStaging, kMetadata };

  struct SparseStream {
    std::u16string name{};  // empty for the default stream
    std::uint64_t length = 0;
  };

  void start_record();
  void start_data();
  void start_alternate_stream();
  void start_sparse_stream();
  void start_sparse_block();
  void start_metadata(Bytes& bytes, std::size_t limit);
  void skip(std::string_view what);
  void take_bytes(const BackupEvent& event, const std::shared_ptr<const void>& owner);
  void end_record();
  void check_metadata() const;
  void finish_sparse_stream();
  void add_to_layer(std::uint64_t size);
  void require_size(std::uint64_t size, std::uint64_t left) const;
  FileMetadata metadata() const;
  bool is_directory() const noexcept { return (attributes_ & attribute::kDirectory) != 0; }

  BackupTarget target_;
  ImagePath path_;
  std::uint32_t attributes_;
  FileTimes times_;
  Bytes descriptor_;
  Bytes extended_attributes_;
  Bytes reparse_data_;
  BackupReader reader_;
  Place place_ = Place::kNowhere;
  Bytes* metadata_ = nullptr;  // of the current record
  bool is_added_ = false;
  bool has_late_metadata_ = false;
  std::uint32_t skipped_ = 0;           // a bit for each kind that was warned of
  std::optional<SparseStream> sparse_;  // the one whose blocks may follow
};

}  // namespace cim::layer
