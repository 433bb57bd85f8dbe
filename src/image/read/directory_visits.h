// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// Shared by all passes through a whole image: each directory is entered once, the work is
// proportional to the size of the image on disk, and the pass can be cancelled.
//
// A valid image has one name for each directory, and a table of names for each directory that has
// any, so all tables together are no larger than the metadata regions. In a crafted image thousands
// of directories can share one table, which multiplies the number of names. A table shared by a few
// directories is read normally: directories with hard links to the same files have equal tables,
// which a writer may store once. The budget only stops passes that would read far more than the
// size of the image.

#include <cstdint>
#include <memory>
#include <stop_token>
#include <vector>

#include "cimlib/image.h"

#include "image/read/image_reader.h"
#include "os/seeded_hash.h"

namespace cim {

/// Limits the bytes of tables that one pass through an image reads: twice the size of its metadata
/// regions, not counting holes, plus a mebibyte. The image must outlive it.
class TableBudget {
 public:
  explicit TableBudget(const ImageReader& image) noexcept : image_(image) {}
  explicit TableBudget(const Image& image) noexcept : TableBudget(*image.reader_) {}

  /// Returns true and counts the bytes if that many more may be read.
  bool may_take(std::uint64_t bytes);
  /// Like may_take(), but throws kLimit instead of returning false.
  void take(std::uint64_t bytes);
  /// Like take(), for the map of an executable, which many files may share. Maps of the usual size
  /// are not counted.
  void take_map_of(const Stream& stream);

 private:
  const ImageReader& image_;
  std::uint64_t taken_ = 0;
};

using DirectoryEntries = std::vector<DirectoryEntry>;

/// Enters the directories of an image, in any order. The image must outlive it.
class DirectoryVisits {
 public:
  explicit DirectoryVisits(const ImageReader& image, std::stop_token stop = {})
      : image_(image), stop_(std::move(stop)), budget_(image) {}
  explicit DirectoryVisits(const Image& image, std::stop_token stop = {})
      : DirectoryVisits(*image.reader_, std::move(stop)) {}

  /// Returns the names of a directory in the order of the image. Throws kCorrupt for a directory
  /// that was entered before and for errors of ImageReader::directory(), kLimit if the budget is
  /// used up, kCancelled if a stop was requested.
  std::shared_ptr<const format::LinkTable> table(FileId directory);
  /// Returns the same names sorted, whatever the order in the image.
  DirectoryEntries enter(FileId directory);

  /// Returns the budget, for other tables that the same pass reads: those of streams and the maps
  /// of executables.
  TableBudget& budget() noexcept { return budget_; }
  /// Throws kCancelled if a stop was requested.
  void stop_if_asked() const;

 private:
  const ImageReader& image_;
  std::stop_token stop_;
  TableBudget budget_;
  SeededSet<FileId> entered_;
};

}  // namespace cim
