// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// The links of an extraction: which files have several names and where the first of each was made,
// so that the others become hard links; and which reparse points become symbolic links.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "cimlib/error.h"
#include "cimlib/file_info.h"
#include "cimlib/image.h"
#include "cimlib/image_path.h"

#include "image/host/directory_stack.h"
#include "image/read/link_target.h"
#include "os/descriptor_posix.h"
#include "os/seeded_hash.h"

namespace cim {

/// Results of a first pass over everything to be extracted, before the first file is written.
struct ExtractSurvey {
  std::uint64_t bytes = 0;   ///< of all files and streams
  SeededSet<FileId> shared;  ///< files with more than one name
};

/// Ignores read errors, which are reported when the file is extracted. Throws kCancelled, and
/// kLimit for an image that claims far more than its size.
ExtractSurvey survey(const Image& image, const ImagePath& from, const std::stop_token& stop);

/// Returns true for errors that end an extraction. All other read errors only affect the file that
/// is being read.
inline bool ends_extraction(const Error& error) noexcept {
  return error.code() == ErrorCode::kCancelled || error.code() == ErrorCode::kLimit;
}

/// Where the first name of each hard-linked file was made.
class FirstNames {
 public:
  /// Follows the position of `directories`, which must outlive it.
  explicit FirstNames(const DirectoryStack& directories) : directories_(directories) {}

  /// Must be called after a directory was entered and after it was left.
  void enter(const std::string& name);
  void leave();

  bool contains(FileId file) const { return names_.contains(file); }
  /// Records a name in the current directory.
  void add(FileId file, const std::string& name) { names_[file] = {here_, name}; }
  void remove(FileId file) { names_.erase(file); }

  /// Creates another name of a recorded file in the current directory. Returns the result of
  /// linkat(2), with errno; throws if the first name's directory cannot be opened.
  int link(FileId file, const std::string& name);

 private:
  // A directory that was created, with its parent as an index, so that deep trees use little
  // memory.
  struct Step {
    std::size_t above = 0;
    std::string name;
  };
  struct FirstName {
    std::size_t directory = 0;
    std::string name;
  };

  int directory_of(const FirstName& name);

  const DirectoryStack& directories_;
  std::vector<Step> steps_{1};  // all directories that were created; the destination first
  std::size_t here_ = 0;        // the current one
  SeededMap<FileId, FirstName> names_;
  Descriptor linked_;  // the directory that was linked from last
  std::size_t linked_step_ = 0;
};

/// Determines which reparse points become symbolic links, and their targets. Follows a walk down
/// into directories and up again, because targets depend on the directory. The image must outlive
/// it.
class SymlinkTargets {
 public:
  /// Begins in the directory `from`, or in that of the file `from`.
  SymlinkTargets(const Image& image, const ImagePath& from);

  void enter(FileId directory);
  void leave() { places_.pop_back(); }

  struct Target {
    std::optional<std::string> target;  ///< nullopt if no symbolic link is to be made
    std::string_view obstacle;          ///< why a reparse point has no target
  };
  /// Returns the target of a file in the current directory. No target leads above `from`.
  Target target_of(const FileInfo& info) const;

 private:
  std::size_t depth_of(FileId directory, std::size_t parent) const;

  const Image& image_;
  std::vector<FileId> roots_;      // the directories that Windows sees as drive C
  std::vector<LinkPlace> places_;  // of the directories on the way down
};

}  // namespace cim
