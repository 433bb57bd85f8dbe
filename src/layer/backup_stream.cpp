// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "cimlib/backup_stream.h"

#include <optional>
#include <utility>

#include <fmt/format.h>

#include "cimlib/error.h"

#include "base/operation_guard.h"
#include "layer/backup_file.h"
#include "layer/sparse_staging.h"

namespace cim::layer {

class BackupLayerWriter::Impl {
 public:
  Impl(const LayerPaths& layer, const std::vector<LayerPaths>& parents, const LayerOptions& options,
       const ImportLimits& limits)
      : warning_(options.warning),
        max_entries_(limits.entries),
        size_left_(limits.size),
        writer_(layer, parents, options),
        staging_(layer.image_path()),
        guard_(layer.layer.string(), "the layer is already closed") {}

  void add(const ImagePath& path, std::uint32_t attributes, const FileTimes& times) {
    guard_.run([&] {
      finish_file();
      if (entries_ == max_entries_) {
        throw Error(ErrorCode::kLimit, path.to_string(),
                    fmt::format("more than the {} entries allowed", max_entries_));
      }
      ++entries_;
      file_.emplace(BackupTarget{writer_, staging_, warning_, size_left_}, path, attributes, times);
    });
  }

  void write(ByteView bytes, const std::shared_ptr<const void>& owner) {
    guard_.run([&] {
      if (!file_) {
        throw Error(ErrorCode::kInvalidArgument, "backup stream", "no file was begun to write to");
      }
      file_->write(bytes, owner);
    });
  }

  /// Returns the writer after the last file was completed.
  LayerWriter& layer() {
    guard_.run([&] { finish_file(); });
    return writer_;
  }

  LayerSummary close() {
    return guard_.close([&] {
      finish_file();
      staging_.remove();
      return writer_.close();
    });
  }

 private:
  void finish_file() {
    if (file_) {
      file_->finish();
      file_.reset();
    }
  }

  WarningSink warning_;
  std::uint64_t max_entries_;
  std::uint64_t entries_ = 0;
  std::uint64_t size_left_;
  LayerWriter writer_;
  SparseStaging staging_;  // in a directory that the writer may remove
  std::optional<BackupFile> file_;
  OperationGuard guard_;
};

BackupLayerWriter::BackupLayerWriter(const LayerPaths& layer,
                                     const std::vector<LayerPaths>& parents,
                                     const LayerOptions& options, const ImportLimits& limits)
    : impl_(std::make_unique<Impl>(layer, parents, options, limits)) {}
BackupLayerWriter::BackupLayerWriter(BackupLayerWriter&&) noexcept = default;
BackupLayerWriter& BackupLayerWriter::operator=(BackupLayerWriter&&) noexcept = default;
BackupLayerWriter::~BackupLayerWriter() = default;

void BackupLayerWriter::add(const ImagePath& path, std::uint32_t attributes,
                            const FileTimes& times) {
  impl_->add(path, attributes, times);
}
void BackupLayerWriter::write(std::span<const std::byte> bytes,
                              const std::shared_ptr<const void>& owner) {
  impl_->write(bytes, owner);
}
void BackupLayerWriter::add_link(const ImagePath& path, const ImagePath& existing) {
  impl_->layer().add_link(path, existing);
}
bool BackupLayerWriter::remove(const ImagePath& path) {
  return impl_->layer().remove(path);
}
LayerWriter& BackupLayerWriter::layer() {
  return impl_->layer();
}
LayerSummary BackupLayerWriter::close() {
  return impl_->close();
}

}  // namespace cim::layer
