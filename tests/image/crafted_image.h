// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// Images put together object by object, including ones that no writer makes.

#include <array>
#include <cstdint>
#include <filesystem>
#include <span>
#include <vector>

#include "base/bytes.h"
#include "format/file_record.h"
#include "format/filesystem.h"
#include "format/link_table.h"

namespace cim::test {

/// An image whose region set has the sample's GUID: metadata, page-aligned data, small data.
class CraftedImage {
 public:
  CraftedImage();

  /// Appends an object to a region, aligned to eight bytes, or to a page for page-aligned data.
  format::RegionOffset put(ByteView bytes, std::uint16_t region = 0);
  /// Returns the record of a directory with these names.
  format::FileRecord directory(const format::LinkTableBuilder& names);
  /// Returns the record of a directory whose table was put(), claiming that length for it.
  format::FileRecord directory(format::RegionOffset table, std::uint64_t claimed) const;
  /// Returns the record of a file with a descriptor and these bytes.
  format::FileRecord file(ByteView bytes);

  /// Adds the next file; the first is the root, and has id 1.
  void add(const format::FileRecord& record) { records_.push_back(record); }
  /// Adds an entry to the list of file tables, before the table of the files that were added.
  void add_table(const format::FileTable& table) { tables_.push_back(table); }
  /// Makes the metadata region seem that large, by a hole after its content.
  void claim_metadata(std::uint64_t size) { claimed_metadata_ = size; }

  /// Writes all files into the directory of `image`.
  void write(const std::filesystem::path& image);

 private:
  std::array<Bytes, 3> regions_;
  std::vector<format::FileRecord> records_;
  std::vector<format::FileTable> tables_;
  format::RegionOffset descriptor_;
  std::uint64_t claimed_metadata_ = 0;
};

}  // namespace cim::test
