// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// Handles and paths of Windows. Handles are kept as descriptors of the C library, which are numbers
// as on other systems.

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

#include <fcntl.h>
#include <io.h>
#include <windows.h>

#include "cimlib/error.h"

#include "os/system_error.h"

namespace cim {

inline HANDLE handle_of(int descriptor) noexcept {
  // NOLINTNEXTLINE(performance-no-int-to-ptr): the C library returns handles as integers.
  return reinterpret_cast<HANDLE>(::_get_osfhandle(descriptor));
}

/// Takes ownership of the handle; closing the descriptor closes it. Throws kLimit if too many are
/// open.
inline int descriptor_of(HANDLE handle, const std::string& subject) {
  const int descriptor = ::_open_osfhandle(reinterpret_cast<std::intptr_t>(handle), _O_BINARY);
  if (descriptor < 0) {
    ::CloseHandle(handle);
    throw Error(ErrorCode::kLimit, subject, "cannot open: too many files are open");
  }
  return descriptor;
}

/// Returns the absolute path for a function that takes one; a long path is in the form
/// `\\?\C:\...`, to which the limit of 260 units does not apply.
std::wstring native_path(const std::filesystem::path& path);

/// Throws "PATH: cannot WHAT: MESSAGE" for the last error of this thread.
[[noreturn]] inline void throw_last_error(const std::filesystem::path& path,
                                          std::string_view what) {
  throw_system_error(static_cast<int>(::GetLastError()), path.string(), what);
}

}  // namespace cim
