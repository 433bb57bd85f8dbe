// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// Compares files of the host or of a package with the image that a new one is based on, so that
// only differences are written.

#include <filesystem>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "cimlib/image.h"
#include "cimlib/image_writer.h"

#include "image/host/host_tree.h"

namespace cim {

class BaseComparison {
 public:
  /// Throws as opening an image does.
  explicit BaseComparison(const std::filesystem::path& base) : image_(base) {}

  const Image& image() const noexcept { return image_; }
  FileId root() const noexcept { return image_.root(); }
  bool is_directory(FileId id) const { return image_.info(id).is_directory(); }

  /// Returns the entry of that name in the same spelling, if the base has the directory.
  std::optional<FileId> find(std::optional<FileId> directory, std::u16string_view name) const;
  /// Returns the names in a directory other than those in `kept`, which are in upper case.
  std::vector<std::u16string> others(FileId directory, const std::set<std::u16string>& kept) const;
  /// Returns the names of alternate streams.
  std::vector<std::u16string> streams(FileId id) const;

  bool has_metadata(FileId id, const FileMetadata& metadata) const;
  /// Reads data of the other side by calling `read`, and compares them with a file or a stream of
  /// it.
  using Read = std::function<void(const HostDataSink& sink)>;
  bool has_data(FileId id, const Read& read) const;
  bool has_stream(FileId id, std::u16string_view name, const Read& read) const;

 private:
  Image image_;
};

}  // namespace cim
