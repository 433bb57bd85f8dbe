// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// The entries of an archive under the names that they have on Windows.

#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "appx/part_name.h"
#include "appx/zip_archive.h"
#include "image/write/name_index.h"

namespace cim::appx {

/// A file or directory of a package.
struct Part {
  std::optional<ZipEntry> entry;  ///< of a file
  PartName name;
};

/// All parts, directories before what is in them. A name is there once, whatever its case.
///
/// Holds little more than the names, since packages have tens of thousands of files: what else a
/// part has is read from the archive's directory each time.
class PartList {
 public:
  /// Throws kCorrupt for invalid names, duplicates, names that differ only in case, and names that
  /// are a file's and a directory's; kLimit for deeply nested ones.
  explicit PartList(std::shared_ptr<const ZipArchive> archive);

  std::size_t size() const noexcept { return entries_.size(); }
  std::size_t directories() const noexcept { return directories_; }
  bool is_directory(std::size_t index) const { return entries_[index] == kDirectory; }
  Part part(std::size_t index) const;
  const std::shared_ptr<const ZipArchive>& archive() const noexcept { return archive_; }

  /// Returns the number of the part of that name, in the same case, in the directory of that
  /// number; nullopt as directory is the package's own.
  std::optional<std::size_t> find_child(std::optional<std::size_t> directory,
                                        std::u16string_view name) const;

  /// Returns the file of that name (with `\`, in the same case); nullopt if there is none.
  std::optional<Part> find(std::string_view name) const;

 private:
  static constexpr std::uint32_t kDirectory = std::numeric_limits<std::uint32_t>::max();

  void add(const ZipEntry& entry);
  FileId add_part(FileId directory, std::u16string_view name, std::uint32_t entry);
  FileId enter_directory(FileId parent, std::u16string_view name);
  ImagePath directory_path(NameIndex::EntryId directory) const;

  std::shared_ptr<const ZipArchive> archive_;
  // The names of the parts, each with its part's number; the file id of a part is that plus 1, and
  // that of the root is 0.
  NameIndex names_;
  std::vector<std::uint32_t> entries_;  // of each part in the archive; kDirectory for a directory
  std::size_t directories_ = 0;
};

}  // namespace cim::appx
