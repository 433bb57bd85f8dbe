// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
// Directories can't be locked by Windows, so that a file in it is, which is there as long as
// somebody writes in the directory. The lock is the kernel's and goes with the process; the file of
// one that was killed stays, and means nothing.
#include <algorithm>
#include <chrono>
#include <utility>

#include <windows.h>

#include "cimlib/error.h"

#include "base/directory_lock.h"
#include "base/handle_windows.h"
#include "base/native_path_windows.h"
#include "base/system_error.h"
#include "base/wait.h"

namespace cim {
namespace {

// How long a file that is on its way out is waited for, by those too that wait for nobody.
constexpr std::chrono::milliseconds kShort{500};

class Handle {
 public:
  explicit Handle(HANDLE handle) noexcept : handle_(handle) {}
  Handle(Handle&& other) noexcept : handle_(std::exchange(other.handle_, INVALID_HANDLE_VALUE)) {}
  Handle& operator=(Handle&& other) noexcept {
    std::swap(handle_, other.handle_);
    return *this;
  }
  ~Handle() {
    if (is_open()) {
      ::CloseHandle(handle_);
    }
  }

  bool is_open() const noexcept { return handle_ != INVALID_HANDLE_VALUE; }
  HANDLE get() const noexcept { return handle_; }
  HANDLE release() noexcept { return std::exchange(handle_, INVALID_HANDLE_VALUE); }

 private:
  HANDLE handle_;
};

std::wstring lock_file(const std::filesystem::path& directory) {
  return native_path(directory / L".cimlib.lock");
}

// Fails with ERROR_ACCESS_DENIED also while a file of that name waits for the last to close it.
Handle open_lock_file(const std::wstring& path) {
  return Handle(::CreateFileW(path.c_str(), GENERIC_READ | GENERIC_WRITE | DELETE,
                              FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE, nullptr,
                              OPEN_ALWAYS, FILE_ATTRIBUTE_HIDDEN, nullptr));
}

// Far behind the end, so that whoever reads the file is not kept from it.
OVERLAPPED locked_byte() {
  OVERLAPPED place{};
  place.OffsetHigh = 0x40000000;
  return place;
}

bool try_lock(HANDLE file, LockKind kind) {
  OVERLAPPED place = locked_byte();
  const DWORD exclusive = kind == LockKind::kExclusive ? LOCKFILE_EXCLUSIVE_LOCK : 0;
  return ::LockFileEx(file, LOCKFILE_FAIL_IMMEDIATELY | exclusive, 0, 1, 0, &place) != 0;
}

void unlock(HANDLE file) {
  OVERLAPPED place = locked_byte();
  ::UnlockFileEx(file, 0, 1, 0, &place);
}

// Who had the lock before may have removed the file, or be about to.
bool is_still_at(HANDLE file, const std::wstring& path) {
  BY_HANDLE_FILE_INFORMATION held{};
  BY_HANDLE_FILE_INFORMATION named{};
  const Handle again(::CreateFileW(path.c_str(), 0,
                                   FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE, nullptr,
                                   OPEN_EXISTING, 0, nullptr));
  return again.is_open() && ::GetFileInformationByHandle(file, &held) != 0 &&
         ::GetFileInformationByHandle(again.get(), &named) != 0 &&
         held.dwVolumeSerialNumber == named.dwVolumeSerialNumber &&
         held.nFileIndexHigh == named.nFileIndexHigh && held.nFileIndexLow == named.nFileIndexLow;
}

void require_directory(const std::filesystem::path& directory) {
  const DWORD attributes = ::GetFileAttributesW(native_path(directory).c_str());
  if (attributes == INVALID_FILE_ATTRIBUTES || (attributes & FILE_ATTRIBUTE_DIRECTORY) == 0) {
    throw Error(ErrorCode::kNotFound, directory.string(),
                "cannot open: there is no such directory");
  }
}

// Takes the lock, or tells by GetLastError() why not.
Handle try_to_take(const std::wstring& path, LockKind kind) {
  Handle file = open_lock_file(path);
  if (!file.is_open()) {
    return file;
  }
  if (!try_lock(file.get(), kind)) {
    const DWORD error = ::GetLastError();
    file = Handle(INVALID_HANDLE_VALUE);
    ::SetLastError(error);
  } else if (!is_still_at(file.get(), path)) {
    file = Handle(INVALID_HANDLE_VALUE);
    ::SetLastError(ERROR_ACCESS_DENIED);
  }
  return file;
}

}  // namespace

DirectoryLock::DirectoryLock(const std::filesystem::path& directory, const Patience& patience,
                             LockKind kind) {
  require_directory(directory);
  const std::wstring path = lock_file(directory);
  const Wait wait(patience);
  const Wait short_wait(std::max(patience.time, kShort));
  Handle file = try_to_take(path, kind);
  while (!file.is_open()) {
    const DWORD error = ::GetLastError();
    const bool is_taken = error == ERROR_LOCK_VIOLATION || error == ERROR_IO_PENDING ||
                          error == ERROR_SHARING_VIOLATION;
    const bool may_be_going = error == ERROR_ACCESS_DENIED;
    if (!is_taken && !may_be_going) {
      throw_system_error(static_cast<int>(error), directory.string(), "lock");
    }
    if ((is_taken ? wait : short_wait).is_over()) {
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
  descriptor_ = descriptor_of(file.release(), directory.string());
}

// The file goes with the last lock, which can be taken exclusively.
DirectoryLock::~DirectoryLock() {
  HANDLE const file = handle_of(descriptor_);
  unlock(file);
  if (try_lock(file, LockKind::kExclusive)) {
    FILE_DISPOSITION_INFO removed{};
    removed.DeleteFile = TRUE;
    ::SetFileInformationByHandle(file, FileDispositionInfo, &removed, sizeof removed);
  }
  ::_close(descriptor_);
}

}  // namespace cim
