// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// Wine has files, directories, hard links and times, but of the metadata of NTFS little: no
// streams, extended attributes, reparse points and holes, and descriptors only as far as Unix
// permissions go. This program's own versions of the functions of ntdll.dll add what is missing.

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "cimlib/filetime.h"
#include "cimlib/security_descriptor.h"

#include "base/bytes.h"
#include "os/nt_file_windows.h"
#include "temporary_directory.h"

namespace cim::test {

/// Metadata of NTFS that Wine lacks.
struct FakeFile {
  Bytes eas;
  Bytes reparse_data;
  std::optional<SecurityDescriptor> descriptor;
  std::optional<FILE_BASIC_INFORMATION> basic;
  std::map<std::wstring, std::filesystem::path> streams;  ///< files with their contents
  bool is_sparse = false;
  std::vector<FileRange> ranges;  ///< those that are not holes
};

/// While it exists, all calls of this program go to it. There is one at a time.
class FakeNtfs {
 public:
  FakeNtfs();
  FakeNtfs(const FakeNtfs&) = delete;
  FakeNtfs& operator=(const FakeNtfs&) = delete;
  ~FakeNtfs();

  static FakeNtfs* current() noexcept;

  /// Returns what is stored for the file at a path.
  FakeFile& at(const std::filesystem::path& path);
  FakeFile& at(std::uint64_t number) { return files_[number]; }
  void add_stream(const std::filesystem::path& file, const std::wstring& name,
                  std::string_view text);
  /// Returns the contents of a stream; nullopt if there is none.
  std::optional<std::string> stream(const std::filesystem::path& file, const std::wstring& name);

  /// Returns a path for the contents of a new stream of a file.
  std::filesystem::path new_stream(std::uint64_t file);
  /// Returns the file that a file with the contents of a stream belongs to, or the number itself.
  std::uint64_t owner_of(std::uint64_t number) const;

  unsigned most_names = 1024;
  bool has_eas = true;
  bool has_streams = true;
  bool may_set_owners = true;
  bool may_make_links = true;
  /// Handles without ACCESS_SYSTEM_SECURITY.
  std::set<HANDLE> unaudited;
  /// Opened names that led through a reparse point.
  std::vector<std::string> followed;

 private:
  TemporaryDirectory directory_;
  std::map<std::uint64_t, FakeFile> files_;
  std::map<std::uint64_t, std::uint64_t> owners_;
  unsigned next_stream_ = 0;
};

}  // namespace cim::test
