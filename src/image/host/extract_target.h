// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// The directory of the host that an extraction writes to. One implementation per system
// (extract_target_posix.cpp, extract_target_windows.cpp).

#include <cstddef>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

#include "cimlib/file_info.h"
#include "cimlib/image.h"
#include "cimlib/image_path.h"

#include "image/host/extract_links.h"
#include "image/host/extract_output.h"

namespace cim {

/// A position below the destination, where files are made. Every name is newly created in the
/// current directory and never reached through a link. What the host cannot represent is left out
/// with a warning to the output; all other failures are thrown.
class ExtractTarget {
 public:
  /// A file of the image and the name to make in the current directory.
  struct Place {
    std::string name;
    const FileInfo& info;
  };

  /// Creates the destination if it is missing. Throws kExists if it is not empty, kUnsupported if
  /// its file system cannot keep metadata that are to be kept. The image and the
  /// output must outlive it.
  ExtractTarget(const Image& image, const ImagePath& from, const std::filesystem::path& destination,
                bool keeps_metadata, ExtractOutput& output);
  ExtractTarget(const ExtractTarget&) = delete;
  ExtractTarget& operator=(const ExtractTarget&) = delete;
  ~ExtractTarget();

  /// Returns the number of directories between the destination and the current one.
  std::size_t depth() const noexcept;
  /// Returns the path of `name` in the current directory, for messages.
  std::string path_of(std::string_view name) const;

  /// Must be called first if the destination stands for a directory of the image.
  void begin(const FileInfo& root);

  /// Must be called before anything is made at a place. Returns whether another name of the file
  /// can be a hard link to its first name.
  bool prepare(const Place& place);
  /// Makes a directory and enters it, or makes a link in its place. Returns whether what is below
  /// it can be made too.
  bool make_directory(const Place& place);
  /// Makes a file or a link. `is_first` is false for a name whose streams were made with another
  /// name. Returns whether later names can be linked to it.
  bool make_file(const Place& place, bool is_first);
  enum class LinkResult { kMade, kSkipped, kTakesNoLink };
  /// Makes a hard link to the first name of the file. kTakesNoLink means that the name has to
  /// become a copy: the file cannot have more links, or the file system has none.
  LinkResult link_to_first_name(const Place& place, const FirstNames& first_names);

  /// Completes the current directory and returns to its parent.
  void leave();
  /// Completes the destination.
  void finish();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace cim
