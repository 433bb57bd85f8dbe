// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// The names of host files: what is at a path, and renaming and removing it, with failures as
// cim::Error. The forms of std::filesystem that throw are not called, since they throw exceptions
// of their own. One implementation per system (host_path_posix.cpp, host_path_windows.cpp), which
// also has the public functions of cimlib/host_path.h.

#include <filesystem>

namespace cim {

/// Returns the status of a path's target; its type is file_type::not_found if nothing is there.
/// Throws kAccessDenied, kIo and the like if that cannot be determined: names that are too long,
/// directories that may not be entered.
std::filesystem::file_status status_of(const std::filesystem::path& path);
/// As status_of(), but does not follow a symbolic link at the end of the path.
std::filesystem::file_status link_status_of(const std::filesystem::path& path);

/// Makes a path absolute and changes nothing else. Throws kNotFound and the like if the process has
/// no working directory.
std::filesystem::path absolute_path(const std::filesystem::path& path);
/// Makes a path absolute and resolves its links; all of it must exist. On Windows the result is
/// verbatim (`\\?\C:\…`). Throws kNotFound, kAccessDenied and the like.
std::filesystem::path canonical_path(const std::filesystem::path& path);

/// Waits until the names in a directory are on disk.
void sync_directory(const std::filesystem::path& directory);

/// Renames a file within a file system, replacing an existing target. Throws kIo, kNoSpace,
/// kAccessDenied.
void rename_file(const std::filesystem::path& from, const std::filesystem::path& to);

/// Returns true if both names lead to the same file; false if either leads nowhere.
bool is_same_file(const std::filesystem::path& a, const std::filesystem::path& b);

/// Removes a file if it exists; returns whether it did. Throws kIo, kAccessDenied.
bool remove_file(const std::filesystem::path& path);

/// Removes a directory if it exists and is empty; returns whether it did. Throws kIo,
/// kAccessDenied.
bool remove_empty_directory(const std::filesystem::path& path);

/// Returns the directory that a path is in; "." if the path is a single name.
std::filesystem::path directory_of(const std::filesystem::path& path);

/// Returns an unused name in the directory of `target` that shows its origin: ".NAME.GUID.tmp",
/// with NAME shortened to fit.
std::filesystem::path temporary_name(const std::filesystem::path& target);

}  // namespace cim
