// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// Walks down from a directory, one step at a time and never through a link, so that no operation
// below it can affect anything outside it.

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "os/nt_file_windows.h"

namespace cim {

/// A position below the start. All directories on the way are open. Names are WTF-8.
class DirectoryStack {
 public:
  /// Starts at a directory, which may be reached through links, with `access` or, if that is
  /// denied, with `least_access`.
  DirectoryStack(const std::filesystem::path& start, ACCESS_MASK access, ACCESS_MASK least_access);

  /// Returns the number of steps from the start.
  std::size_t depth() const noexcept { return levels_.size() - 1; }
  /// Returns the current directory, and the start.
  HANDLE current() const noexcept { return levels_.back().directory.get(); }
  HANDLE start() const noexcept { return levels_.front().directory.get(); }
  /// Returns the path of `name` in the current directory, for messages.
  std::string path_of(std::string_view name) const;
  /// Returns the names in the current directory, sorted by their bytes.
  std::vector<std::string> names() const;

  /// Enters a directory, which was opened by its name in the current one.
  void enter(std::string name, NtFile directory);
  /// Returns to the parent directory.
  void leave() { levels_.pop_back(); }
  /// Opens a directory by its path from the start, for names to be opened in it.
  NtFile open_from_start(const std::vector<std::string>& names) const;

  /// Opens or creates a stream of the file `name` in the current directory; for "", of the current
  /// directory itself, which must be the start. Throws kBusy if the file is not the one with this
  /// id.
  NTSTATUS open_stream(std::string_view name, std::string_view stream, const NtFile::Open& how,
                       const NtFileId& id, NtFile& opened) const;

 private:
  struct Level {
    std::string name;
    NtFile directory;
  };

  std::vector<Level> levels_;
};

}  // namespace cim
