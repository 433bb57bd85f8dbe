// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
// Windows' functions accept at most 260 units unless a path is absolute and begins with `\\?\`
// (verbatim). Verbatim paths are made only where they are needed, since they are shown in messages
// and are not normalized by the system.
#include <string>
#include <system_error>

#include <windows.h>

#include "cimlib/error.h"
#include "cimlib/guid.h"
#include "cimlib/host_path.h"
#include "cimlib/wtf8.h"

#include "os/host_path.h"
#include "os/native_windows.h"
#include "os/nt_file_windows.h"
#include "os/system_error.h"

namespace cim {
namespace {

// Leaves room below MAX_PATH for names appended to a directory's path.
constexpr std::size_t kLong = 150;
constexpr std::size_t kLongestKept = 213;  // units; the rest of 255 is for additions

// Returns true for paths that Windows passes on without interpreting them.
bool is_verbatim(std::wstring_view path) {
  return path.starts_with(L"\\\\?\\") || path.starts_with(L"\\\\.\\");
}

// Makes a path absolute and resolves "." and "..", without asking whether it exists.
std::wstring full_path(const std::wstring& path) {
  std::wstring full(path.size() + MAX_PATH, L'\0');
  for (;;) {
    const DWORD length =
        ::GetFullPathNameW(path.c_str(), static_cast<DWORD>(full.size()), full.data(), nullptr);
    if (length == 0) {
      throw_system_error(static_cast<int>(::GetLastError()),
                         to_wtf8(std::u16string(path.begin(), path.end())), "parse the path");
    }
    const bool fits = length < full.size();
    full.resize(length);
    if (fits) {
      return full;
    }
  }
}

std::wstring verbatim(const std::wstring& path) {
  std::wstring full = full_path(path);
  if (is_verbatim(full)) {  // device names such as NUL
    return full;
  }
  return full.starts_with(L"\\\\") ? L"\\\\?\\UNC" + full.substr(1) : L"\\\\?\\" + full;
}

bool means_not_there(DWORD error) {
  return error == ERROR_FILE_NOT_FOUND || error == ERROR_PATH_NOT_FOUND;
}

}  // namespace

std::wstring native_path(const std::filesystem::path& path) {
  const std::wstring& text = path.native();
  return text.empty() || is_verbatim(text) || full_path(text).size() < kLong ? text
                                                                             : verbatim(text);
}

std::filesystem::path host_name(std::string_view text) {
  const auto utf16 = to_utf16(text);
  if (!utf16 || utf16->find(u'\0') != std::u16string::npos) {
    throw Error(ErrorCode::kInvalidArgument, std::string(text), "is not a valid path");
  }
  return std::wstring(utf16->begin(), utf16->end());
}

std::filesystem::path host_path(std::string_view text) {
  return native_path(host_name(text));
}

std::filesystem::path temporary_name(const std::filesystem::path& target) {
  const std::string guid = Guid::random().to_string();
  const std::wstring name = L"." + target.filename().native().substr(0, kLongestKept) + L"." +
                            std::wstring(guid.begin(), guid.end()) + L".tmp";
  return target.parent_path() / name;
}

// The standard library's function does not accept verbatim paths. Wine's function fails for paths
// longer than MAX_PATH, whose links are therefore not resolved there.
std::filesystem::path canonical_path(const std::filesystem::path& path) {
  constexpr DWORD kShareAll = FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE;
  HANDLE const handle = ::CreateFileW(native_path(path).c_str(), 0, kShareAll, nullptr,
                                      OPEN_EXISTING, FILE_FLAG_BACKUP_SEMANTICS, nullptr);
  if (handle == INVALID_HANDLE_VALUE) {
    throw_last_error(path, "access");
  }
  const NtFile file(handle);
  std::wstring canonical(MAX_PATH, L'\0');
  for (;;) {
    const auto size = static_cast<DWORD>(canonical.size());
    const DWORD length =
        ::GetFinalPathNameByHandleW(handle, canonical.data(), size, FILE_NAME_NORMALIZED);
    if (length == 0 && ::GetLastError() == ERROR_MORE_DATA) {
      return verbatim(path.native());
    }
    if (length == 0) {
      throw_last_error(path, "access");
    }
    canonical.resize(length);  // with the NUL if it did not fit
    if (length < size) {
      return canonical;
    }
  }
}

// NTFS records names in its journal; a directory has nothing to flush.
void sync_directory(const std::filesystem::path& directory) {
  const DWORD attributes = ::GetFileAttributesW(
      native_path(directory.empty() ? std::filesystem::path(L".") : directory).c_str());
  if (attributes == INVALID_FILE_ATTRIBUTES) {
    throw_last_error(directory, "open");
  }
  if ((attributes & FILE_ATTRIBUTE_DIRECTORY) == 0) {
    throw_system_error(ERROR_DIRECTORY, directory.string(), "open");
  }
}

void rename_file(const std::filesystem::path& from, const std::filesystem::path& to) {
  if (::MoveFileExW(native_path(from).c_str(), native_path(to).c_str(),
                    MOVEFILE_WRITE_THROUGH | MOVEFILE_REPLACE_EXISTING) == 0) {
    throw_last_error(from, "rename");
  }
}

bool is_same_file(const std::filesystem::path& a, const std::filesystem::path& b) {
  std::error_code not_there;
  return std::filesystem::equivalent(native_path(a), native_path(b), not_there);
}

bool remove_file(const std::filesystem::path& path) {
  if (::DeleteFileW(native_path(path).c_str()) != 0) {
    return true;
  }
  if (means_not_there(::GetLastError())) {
    return false;
  }
  throw_last_error(path, "remove");
}

bool remove_empty_directory(const std::filesystem::path& path) {
  if (::RemoveDirectoryW(native_path(path).c_str()) != 0) {
    return true;
  }
  const DWORD error = ::GetLastError();
  if (means_not_there(error) || error == ERROR_DIR_NOT_EMPTY || error == ERROR_DIRECTORY) {
    return false;
  }
  throw_last_error(path, "remove");
}

}  // namespace cim
