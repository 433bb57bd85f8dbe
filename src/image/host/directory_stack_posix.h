// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// Walks down from a directory, one step at a time and never through a link, so that no operation
// below it can affect anything outside it.

#include <filesystem>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include <sys/types.h>

#include "os/descriptor_posix.h"

namespace cim {

/// A position below the start. Only a few of the directories on the way are kept open, so that
/// depth costs no descriptors; on the way up each parent is checked against the directory that was
/// entered on the way down.
class DirectoryStack {
 public:
  /// Starts at a directory, which may be reached through links.
  explicit DirectoryStack(const std::filesystem::path& start);

  /// Returns the number of steps from the start.
  std::size_t depth() const noexcept { return levels_.size() - 1; }
  /// Returns the current directory, for calls that take a name in a directory.
  int current() const noexcept { return levels_.back().directory.get(); }
  /// Returns the path of `name` in the current directory, for messages.
  std::string path_of(std::string_view name) const;

  /// Returns the path of `name` in the current directory, from the start.
  std::string path_from_start(std::string_view name) const;
  /// Returns true if a path from the start leads to a directory. Links on the way are followed as
  /// if the start were the root, so that nothing outside is examined.
  bool has_directory(const std::string& path_from_start) const;

  /// Returns true if the current directory is empty.
  bool is_empty() const;
  /// Returns the names in the current directory, sorted by their bytes.
  std::vector<std::string> names() const;

  /// Enters a directory; throws if the name is a link or anything else.
  void enter(const std::string& name);
  /// Returns to the parent directory.
  void leave();
  /// Opens a directory by its path from the start.
  Descriptor open_from_start(const std::vector<std::string>& names) const;

 private:
  // A directory on the way down. Its device and inode identify it if it has to be opened again.
  struct Level {
    std::string name;
    Descriptor directory;
    dev_t device = 0;
    ino_t inode = 0;
  };

  void push(std::string name, Descriptor directory);
  void for_each_name(const std::function<bool(std::string_view)>& visit) const;

  std::vector<Level> levels_;
};

}  // namespace cim
