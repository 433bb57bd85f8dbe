// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// Records where an extraction created the first name of each hard-linked file, so that its other
// names can be linked to it.

#include <cstddef>
#include <string>
#include <vector>

#include "cimlib/file_info.h"

#include "image/host/directory_stack.h"
#include "os/descriptor_posix.h"
#include "os/seeded_hash.h"

namespace cim {

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

}  // namespace cim
