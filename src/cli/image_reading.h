// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// Shared by the verbs that read an image: opening it, the paths and patterns of the command line,
// and what to do with files that cannot be read.

#include <memory>
#include <string>
#include <vector>

#include "cimlib/error.h"
#include "cimlib/image.h"

#include "cli/console.h"
#include "cli/verb.h"

namespace cim::cli {

/// The option --regions.
void regions_option(Parameters& parameters, std::vector<std::string>& directories);

/// Returns the paths that words of the command line stand for.
std::vector<std::filesystem::path> host_paths(const std::vector<std::string>& words);

/// Opens an image whose regions may be in these directories too.
Image open_image(const std::string& path, const std::vector<std::string>& region_directories,
                 const std::shared_ptr<DirectoryListings>& listings = nullptr);

/// The option --keep-going.
void keep_going_option(Parameters& parameters, bool& keeps_going);

/// Files that could not be read. Each failure is reported at once or, with --keep-going, at the
/// end.
class Failures {
 public:
  Failures(Console& console, bool keeps_going) : console_(console), keeps_going_(keeps_going) {}

  /// `path` names a file in an image; it may be empty.
  void add(const std::string& path, const Error& error);
  /// Reports what was not reported yet; returns the exit status of the verb.
  int finish();

 private:
  struct Failure {
    std::string path;
    Error error;
  };

  Console& console_;
  bool keeps_going_;
  bool is_any_ = false;
  std::vector<Failure> waiting_;
};

/// Returns true if a word of the command line is a pattern, unless a file has it as its name.
bool may_be_pattern(std::string_view word);

/// The files that words of a command line stand for.
struct Selection {
  std::vector<ImagePath> paths;
  /// True if they were several words or a pattern, so that there can be any number of files.
  bool is_list = false;
};

/// Finds the files of an image. A word that is the path of a file stands for that file; any other
/// one with `*`, `?` or `[` is a pattern for the whole path (glob.h), whose matches are in the
/// order of a walk. No words stand for the root. Throws kNotFound if there is no such file, unless
/// `failures` takes it.
Selection select(const Image& image, const std::vector<std::string>& words, Failures& failures);

}  // namespace cim::cli
