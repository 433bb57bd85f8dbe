// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
// Windows cannot lock a directory. A file in it is locked instead, through the sharing mode of the
// process that has it open: only one that opened it exclusively may remove it. The kernel closes
// the files of a killed process, and removes the file if that process had it exclusively. If it
// shared the lock, the file remains until the next holder releases the lock, and has no effect.
#include <algorithm>
#include <chrono>

#include <windows.h>

#include "cimlib/error.h"

#include "os/directory_lock.h"
#include "os/native_windows.h"
#include "os/system_error.h"

namespace cim {
namespace {

// The shortest waits, which apply even if the caller does not want to wait. A process that releases
// a shared lock opens the file for a moment, and a file that is being deleted may still be open
// elsewhere, for instance in a virus scanner.
constexpr std::chrono::milliseconds kReleaseTime{100};
constexpr std::chrono::milliseconds kRemovalTime{500};

/// Opens the file exclusively, though others may read it. `disposition` is OPEN_ALWAYS or
/// OPEN_EXISTING.
HANDLE open_alone(const std::wstring& path, DWORD disposition) {
  return ::CreateFileW(path.c_str(), GENERIC_WRITE | DELETE, FILE_SHARE_READ, nullptr, disposition,
                       FILE_ATTRIBUTE_HIDDEN | FILE_FLAG_DELETE_ON_CLOSE, nullptr);
}

HANDLE open_shared(const std::wstring& path) {
  return ::CreateFileW(path.c_str(), GENERIC_WRITE, FILE_SHARE_READ | FILE_SHARE_WRITE, nullptr,
                       OPEN_ALWAYS, FILE_ATTRIBUTE_HIDDEN, nullptr);
}

/// Returns INVALID_HANDLE_VALUE on failure; GetLastError() has the reason.
HANDLE try_to_take(const std::wstring& path, LockMode kind) {
  return kind == LockMode::kExclusive ? open_alone(path, OPEN_ALWAYS) : open_shared(path);
}

/// Returns an empty text if the system does not know the path.
std::wstring path_of(HANDLE file) {
  std::wstring path(MAX_PATH, L'\0');
  DWORD length = ::GetFinalPathNameByHandleW(file, path.data(), MAX_PATH, FILE_NAME_NORMALIZED);
  if (length > MAX_PATH) {
    path.resize(length);
    length = ::GetFinalPathNameByHandleW(file, path.data(), length, FILE_NAME_NORMALIZED);
  }
  path.resize(std::min<std::size_t>(length, path.size()));
  return path;
}

void require_directory(const std::filesystem::path& directory) {
  const DWORD attributes = ::GetFileAttributesW(native_path(directory).c_str());
  if (attributes == INVALID_FILE_ATTRIBUTES || (attributes & FILE_ATTRIBUTE_DIRECTORY) == 0) {
    throw Error(ErrorCode::kNotFound, directory.string(),
                "cannot open: there is no such directory");
  }
}

}  // namespace

DirectoryLock::DirectoryLock(const std::filesystem::path& directory,
                             const LockTimeout& lock_timeout, LockMode kind) {
  require_directory(directory);
  const std::wstring path = native_path(directory / L".cimlib.lock");
  const Wait wait(lock_timeout);
  const Wait until_released(std::max(lock_timeout.time, kReleaseTime));
  const Wait until_removed(std::max(lock_timeout.time, kRemovalTime));
  HANDLE file = try_to_take(path, kind);
  while (file == INVALID_HANDLE_VALUE) {
    const DWORD error = ::GetLastError();
    const bool is_taken = error == ERROR_SHARING_VIOLATION;
    const bool may_be_deleted = error == ERROR_ACCESS_DENIED;
    if (!is_taken && !may_be_deleted) {
      throw_system_error(static_cast<int>(error), directory.string(), "lock");
    }
    if ((is_taken ? until_released : until_removed).is_over()) {
      require_directory(directory);
      throw Error(is_taken ? ErrorCode::kBusy : ErrorCode::kAccessDenied, directory.string(),
                  is_taken ? "another process is writing images there" : "cannot lock");
    }
    if (wait.is_cancelled()) {
      throw Error(ErrorCode::kCancelled, directory.string(),
                  "cancelled while waiting for another process");
    }
    Wait::pause();
    file = try_to_take(path, kind);
  }
  descriptor_ = descriptor_of(file, directory.string());
}

// The last holder removes the file: opening it exclusively succeeds only if no process has it open.
DirectoryLock::~DirectoryLock() {
  const std::wstring path = path_of(handle_of(descriptor_));
  ::_close(descriptor_);
  HANDLE const alone = open_alone(path, OPEN_EXISTING);
  if (alone != INVALID_HANDLE_VALUE) {
    ::CloseHandle(alone);
  }
}

}  // namespace cim
