// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "image/host/directory_stack_windows.h"

#include <algorithm>
#include <utility>

#include "cimlib/error.h"

#include "os/host_path.h"
#include "os/native_windows.h"

namespace cim {
namespace {

constexpr DWORD kShare = FILE_SHARE_READ | FILE_SHARE_WRITE;

NtFile open_start(const std::filesystem::path& start, ACCESS_MASK access) {
  HANDLE const handle = ::CreateFileW(native_path(start).c_str(), access | SYNCHRONIZE, kShare,
                                      nullptr, OPEN_EXISTING, FILE_FLAG_BACKUP_SEMANTICS, nullptr);
  return handle == INVALID_HANDLE_VALUE ? NtFile() : NtFile(handle);
}

// The path of NT for a verbatim path.
std::wstring nt_path(const std::filesystem::path& path) {
  return L"\\??\\" + canonical_path(path).native().substr(std::wstring_view(L"\\\\?\\").size());
}

}  // namespace

DirectoryStack::DirectoryStack(const std::filesystem::path& start, ACCESS_MASK access,
                               ACCESS_MASK least_access) {
  NtFile directory = open_start(start, access);
  if (!directory && ::GetLastError() == ERROR_ACCESS_DENIED) {
    directory = open_start(start, least_access);
  }
  if (!directory) {
    throw_last_error(start, "open");
  }
  NtFileFacts facts;
  if (const NTSTATUS status = query_facts(directory.get(), facts); nt_failed(status)) {
    throw_nt_error(status, start.string(), "access");
  }
  if (!facts.has(FILE_ATTRIBUTE_DIRECTORY)) {
    throw_system_error(ERROR_DIRECTORY, start.string(), "open");
  }
  levels_.push_back({narrow(start.native()), std::move(directory)});
}

std::string DirectoryStack::path_of(std::string_view name) const {
  std::string path;
  for (const Level& level : levels_) {
    path += level.name;
    if (!path.ends_with('\\') && !path.ends_with('/')) {
      path += '\\';
    }
  }
  return path.append(name);
}

std::vector<std::string> DirectoryStack::names() const {
  std::vector<std::string> names;
  if (const NTSTATUS status = list_names(current(), names); nt_failed(status)) {
    throw_nt_error(status, path_of(""), "list");
  }
  std::ranges::sort(names);
  return names;
}

void DirectoryStack::enter(std::string name, NtFile directory) {
  levels_.push_back({std::move(name), std::move(directory)});
}

NtFile DirectoryStack::open_from_start(const std::vector<std::string>& names) const {
  NtFile directory;
  HANDLE parent = levels_.front().directory.get();
  std::string path = levels_.front().name;
  for (const std::string& name : names) {
    path += '\\' + name;
    NtFile next;
    const NTSTATUS status = NtFile::open(
        parent, wide(name),
        {.access = FILE_TRAVERSE, .options = FILE_DIRECTORY_FILE, .share = kShare}, next);
    if (nt_failed(status)) {
      throw_nt_error(status, path, "open");
    }
    directory = std::move(next);
    parent = directory.get();
  }
  return directory;
}

// The name of a stream is opened together with that of its file, which may have been replaced.
NTSTATUS DirectoryStack::open_stream(std::string_view name, std::string_view stream,
                                     const NtFile::Open& how, const NtFileId& id,
                                     NtFile& opened) const {
  const std::wstring file = name.empty() ? nt_path(wide(levels_.front().name)) : wide(name);
  const NTSTATUS status =
      NtFile::open(name.empty() ? nullptr : current(), file + L':' + wide(stream), how, opened);
  NtFileFacts facts;
  if (!nt_failed(status) && (nt_failed(query_facts(opened.get(), facts)) || facts.id != id)) {
    throw Error(ErrorCode::kBusy, path_of(name), "it was replaced while it was used");
  }
  return status;
}

}  // namespace cim
