// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// The hard links of an extraction: which files have several names and where the first of each was
// made, so that the others become links.

#include <cstddef>
#include <cstdint>
#include <stop_token>
#include <string>
#include <vector>

#include "cimlib/error.h"
#include "cimlib/extract.h"
#include "cimlib/file_info.h"
#include "cimlib/image.h"
#include "cimlib/image_path.h"

#include "os/seeded_hash.h"

namespace cim {

/// Results of a first pass over everything to be extracted, before the first file is written.
struct ExtractSurvey {
  std::uint64_t bytes = 0;   ///< of all files and streams
  SeededSet<FileId> shared;  ///< files with more than one name
};

/// Ignores read errors, which are reported when the file is extracted. Throws kCancelled, and
/// kLimit for an image that claims far more than its size.
ExtractSurvey survey(const Image& image, const ImagePath& from, const ExtractOptions& options);

/// Returns true for errors that end an extraction. All other read errors only affect the file that
/// is being read.
inline bool ends_extraction(const Error& error) noexcept {
  return error.code() == ErrorCode::kCancelled || error.code() == ErrorCode::kLimit;
}

/// Where the first name of each hard-linked file was made.
class FirstNames {
 public:
  /// Must be called after a directory was entered and after it was left.
  void enter(const std::string& name);
  void leave();

  /// A name in a directory, which is a number that stands for its path.
  struct Place {
    std::size_t directory = 0;
    std::string name;
  };

  bool contains(FileId file) const { return places_.contains(file); }
  const Place& at(FileId file) const { return places_.at(file); }
  /// Records a name in the current directory.
  void add(FileId file, const std::string& name) { places_[file] = {here_, name}; }
  void remove(FileId file) { places_.erase(file); }

  bool is_current(std::size_t directory) const noexcept { return directory == here_; }
  /// Returns the names on the way from the destination to a directory.
  std::vector<std::string> path_of(std::size_t directory) const;

 private:
  // A directory that was created, with its parent as an index, so that deep trees use little
  // memory.
  struct Step {
    std::size_t above = 0;
    std::string name;
  };

  std::vector<Step> steps_{1};  // all directories that were created; the destination first
  std::size_t here_ = 0;        // the current one
  SeededMap<FileId, Place> places_;
};

}  // namespace cim
