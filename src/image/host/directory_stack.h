// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// A way down from one directory, a step at a time and never through a link, so that nothing that is
// done on it can touch what lies elsewhere.

#include <filesystem>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include <sys/types.h>

#include "os/descriptor_posix.h"

namespace cim {

/// Where one is below the start. Only a few of the directories on the way stay open, so that depth
/// costs no descriptors; the way up is checked against where the way down led.
class DirectoryStack {
 public:
  /// Starts at a directory, which may be reached through links.
  explicit DirectoryStack(const std::filesystem::path& start);

  /// Steps from the start.
  std::size_t depth() const noexcept { return levels_.size() - 1; }
  /// The directory where one is; for calls that take a name in a directory.
  int current() const noexcept { return levels_.back().directory.get(); }
  /// The path there, for messages.
  std::string path_of(std::string_view name) const;

  /// The directory where one started, and the path from there; not for anything but looking.
  int start() const noexcept { return levels_.front().directory.get(); }
  std::string path_from_start(std::string_view name) const;

  /// Whether nothing is in the directory where one is.
  bool is_empty() const;
  /// What is there, in the order of the names' bytes.
  std::vector<std::string> names() const;

  /// Goes down into a directory; a link or anything else of that name is an error.
  void enter(const std::string& name);
  /// Goes back up by a step.
  void leave();
  /// Opens a directory by the steps that lead to it from the start.
  Descriptor open_from_start(const std::vector<std::string>& names) const;

 private:
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

/// The name alone must be free of separators, NULs and dots that lead elsewhere, and fit the
/// system; tells whether it is.
enum class HostName { kGood, kTooLong, kImpossible };
HostName check_host_name(std::string_view name) noexcept;

}  // namespace cim
