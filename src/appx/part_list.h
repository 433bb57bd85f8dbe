// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// The entries of an archive under the names that they have on Windows.

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "appx/part_name.h"
#include "appx/zip_archive.h"
#include "os/seeded_hash.h"

namespace cim::appx {

/// A file or directory of a package.
struct Part {
  const ZipEntry* entry = nullptr;  ///< null for a directory that only paths of others name
  PartName name;
};

/// All parts, directories before what is in them. A name is there once, whatever its case.
class PartList {
 public:
  /// Throws kCorrupt for invalid names, duplicates, names that differ only in case, and names that
  /// are a file's and a directory's; kLimit for deeply nested ones.
  explicit PartList(std::shared_ptr<const ZipArchive> archive);

  const std::vector<Part>& all() const noexcept { return parts_; }
  const std::shared_ptr<const ZipArchive>& archive() const noexcept { return archive_; }

  /// Returns the file of that name (with `\`, in the same case), or null.
  const Part* find(std::string_view name) const;

 private:
  void add(const ZipEntry& entry);
  std::size_t enter_directory(std::size_t parent, const ImagePath& path);

  std::shared_ptr<const ZipArchive> archive_;
  std::vector<Part> parts_;
  SeededMap<std::string, std::size_t> by_name_;
  // By the number of the directory and the name in upper case: the place in parts_ plus 1. The root
  // has the number 0.
  SeededMap<std::string, std::size_t> by_key_;
};

}  // namespace cim::appx
