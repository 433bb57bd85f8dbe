// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// Images put together object by object, as no writer makes them.

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

  /// Appends an object to a region at a multiple of eight, or of a page for page-aligned data.
  format::RegionOffset put(ByteView bytes, std::uint16_t region = 0);
  /// A directory of these names, or none.
  format::FileRecord directory(const format::LinkTableBuilder& names);
  /// A directory over bytes that were put() and claims that length for them.
  format::FileRecord directory(format::RegionOffset table, std::uint64_t claimed) const;
  /// A file with a descriptor and these bytes.
  format::FileRecord file(ByteView bytes);

  /// The next file; the first is the root, and has id 1.
  void add(const format::FileRecord& record) { records_.push_back(record); }
  /// An entry of the list of file tables before the files that were added.
  void add_table(const format::FileTable& table) { tables_.push_back(table); }
  /// Makes the region of metadata seem that large, by a hole behind what it holds.
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
