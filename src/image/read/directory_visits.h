// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// What everything that goes through a whole image has in common: each directory is entered once,
// the work is in proportion to what the image holds on disk, and it can be stopped.
//
// A valid image has one name for each directory, and a table of names for each directory that has
// any. The tables of all directories together then take no more bytes than the metadata regions
// hold. A crafted image lets thousands of directories share one table, so that the names are the
// product of both numbers. Tables shared by a few directories are read as they are (hard links
// could make two directories alike); the budget ends only what comes to much more than there is.

#include <cstdint>
#include <memory>
#include <stop_token>
#include <vector>

#include "cimlib/image.h"

#include "image/read/image_reader.h"
#include "os/seeded_hash.h"

namespace cim {

/// Limits the bytes of tables that one pass through an image reads: twice what its metadata regions
/// hold, holes left out, and a mebibyte more. The image must outlive it.
class TableBudget {
 public:
  explicit TableBudget(const ImageReader& image) noexcept : image_(image) {}
  explicit TableBudget(const Image& image) noexcept : TableBudget(*image.reader_) {}

  /// Whether that many more bytes may be read; if so they count.
  bool may_take(std::uint64_t bytes);
  /// The same; throws kLimit if not.
  void take(std::uint64_t bytes);
  /// The same for the map of an executable. Many files may share one; a usual map counts nothing.
  void take_map_of(const Stream& stream);

 private:
  const ImageReader& image_;
  std::uint64_t taken_ = 0;
};

using DirectoryEntries = std::vector<DirectoryEntry>;

/// Goes into the directories of an image, in any order. The image must outlive it.
class DirectoryVisits {
 public:
  explicit DirectoryVisits(const ImageReader& image, std::stop_token stop = {})
      : image_(image), stop_(std::move(stop)), budget_(image) {}
  explicit DirectoryVisits(const Image& image, std::stop_token stop = {})
      : DirectoryVisits(*image.reader_, std::move(stop)) {}

  /// The names of a directory in the order of the image. Throws kCorrupt for a directory that turns
  /// up again and for what ImageReader::directory() can't read, kLimit if the budget is used up,
  /// kCancelled on a request to stop.
  std::shared_ptr<const format::LinkTable> table(FileId directory);
  /// The same names sorted, whatever order the image has.
  DirectoryEntries enter(FileId directory);

  /// For tables of the same pass other than directories: those of streams, the maps of executables.
  TableBudget& budget() noexcept { return budget_; }
  /// Throws kCancelled on a request to stop.
  void stop_if_asked() const;

 private:
  const ImageReader& image_;
  std::stop_token stop_;
  TableBudget budget_;
  SeededSet<FileId> entered_;
};

}  // namespace cim
