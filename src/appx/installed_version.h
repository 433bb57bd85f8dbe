// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// The version of a package in the base of a new image, which another version replaces. What both
// have in common stays where it is, with its records and the tables that list it.

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "cimlib/image_path.h"
#include "cimlib/image_writer.h"

#include "appx/part_list.h"
#include "image/host/base_comparison.h"
#include "image/read/directory_visits.h"
#include "os/seeded_hash.h"

namespace cim::appx {

/// The base of a new image.
class PackageBase {
 public:
  /// Passes through the image once. Throws what reading an image throws.
  PackageBase(const std::filesystem::path& image, const std::stop_token& stop);

  const BaseComparison& comparison() const noexcept { return comparison_; }
  const Image& image() const noexcept { return comparison_.image(); }
  bool has_other_names(FileId file) const { return linked_.contains(file); }

 private:
  BaseComparison comparison_;
  SeededSet<FileId> linked_;  // files with more than one name
};

class InstalledVersion {
 public:
  /// Finds the parts of the new version in the old one, whose directory in the base is given. The
  /// other arguments must outlive this object. Throws what reading an image throws.
  InstalledVersion(const PackageBase& base, const ImagePath& directory, const PartList& parts);

  /// Removes everything in the old version that the new one lacks. `directory` is its
  /// place in the new image.
  void remove_others(const ImagePath& directory, ImageWriter& writer) const;

  /// Returns true if the base has the package's own directory with these metadata.
  bool has_top(const FileMetadata& metadata) const;
  /// Returns true if the base has a part that is a directory with these metadata.
  bool has_directory(std::size_t part, const FileMetadata& metadata) const;
  /// Returns true if the base has a part that is a file with these metadata and these bytes. Calls
  /// `read` only if everything else agrees.
  bool has_file(std::size_t part, const FileMetadata& metadata, std::uint64_t size,
                const BaseComparison::Read& read) const;
  /// Returns true if the base has a part that is a file, with this name only and without alternate
  /// streams: new data and metadata make it that of the new version.
  bool can_replace(std::size_t part) const;

 private:
  // A name that only the old version has, in the directory that a part is, or in the top.
  struct Other {
    std::optional<std::size_t> directory;
    std::u16string name;
  };

  bool has_metadata(FileId file, const FileMetadata& metadata) const;
  void match(const DirectoryEntries& entries, std::optional<std::size_t> part);

  const PackageBase& base_;
  const PartList& parts_;
  FileId top_;
  std::vector<FileId> files_;  // of the base, by the number of the part; 0 if it has none
  std::vector<Other> others_;
};

}  // namespace cim::appx
