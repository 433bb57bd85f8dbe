// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
// Directories can't be locked by Windows, so that a file in it is, by what who opens it lets others
// do: nobody may remove it who has not opened it alone. The kernel closes what a killed process had
// open, and removes the file where that was alone; where it shared the lock the file stays until
// whoever has the lock next gives it back, and means nothing.
#include <algorithm>
#include <chrono>

#include <windows.h>

#include "cimlib/error.h"

#include "os/directory_lock.h"
#include "os/handle_windows.h"
#include "os/native_path_windows.h"
#include "os/system_error.h"
#include "os/wait.h"

namespace cim {
namespace {

// How long those too wait who wait for nobody: for a file that is looked at by whoever gave a
// shared lock back, and for one on its way out, which something else has open, as virus scanners
// do.
constexpr std::chrono::milliseconds kForALook{100};
constexpr std::chrono::milliseconds kForARemoval{500};

/// `disposition` is OPEN_ALWAYS or OPEN_EXISTING. Readers of the file are not in the way.
HANDLE open_alone(const std::wstring& path, DWORD disposition) {
  return ::CreateFileW(path.c_str(), GENERIC_WRITE | DELETE, FILE_SHARE_READ, nullptr, disposition,
                       FILE_ATTRIBUTE_HIDDEN | FILE_FLAG_DELETE_ON_CLOSE, nullptr);
}

HANDLE open_shared(const std::wstring& path) {
  return ::CreateFileW(path.c_str(), GENERIC_WRITE, FILE_SHARE_READ | FILE_SHARE_WRITE, nullptr,
                       OPEN_ALWAYS, FILE_ATTRIBUTE_HIDDEN, nullptr);
}

/// Or INVALID_HANDLE_VALUE; GetLastError() tells why.
HANDLE try_to_take(const std::wstring& path, LockMode kind) {
  return kind == LockMode::kExclusive ? open_alone(path, OPEN_ALWAYS) : open_shared(path);
}

/// Empty where the system can't tell.
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
  const Wait for_a_look(std::max(lock_timeout.time, kForALook));
  const Wait for_a_removal(std::max(lock_timeout.time, kForARemoval));
  HANDLE file = try_to_take(path, kind);
  while (file == INVALID_HANDLE_VALUE) {
    const DWORD error = ::GetLastError();
    const bool is_taken = error == ERROR_SHARING_VIOLATION;
    const bool may_be_going = error == ERROR_ACCESS_DENIED;
    if (!is_taken && !may_be_going) {
      throw_system_error(static_cast<int>(error), directory.string(), "lock");
    }
    if ((is_taken ? for_a_look : for_a_removal).is_over()) {
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

// The file goes with the last lock: who can open it alone has found that nobody has it.
DirectoryLock::~DirectoryLock() {
  const std::wstring path = path_of(handle_of(descriptor_));
  ::_close(descriptor_);
  HANDLE const alone = open_alone(path, OPEN_EXISTING);
  if (alone != INVALID_HANDLE_VALUE) {
    ::CloseHandle(alone);
  }
}

}  // namespace cim
