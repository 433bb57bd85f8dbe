// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
// Windows mounts images itself: calls are forwarded to its cimfs.dll, if there is one.
#include <array>
#include <string>

#include <windows.h>

#include "cimlib/guid.h"
#include "cimlib/wtf8.h"

#include "capi/arguments.h"
#include "capi/result.h"
#include "capi/volumes.h"

namespace cim::capi {
namespace {

using MountFunction = HRESULT(WINAPI*)(PCWSTR, PCWSTR, CIM_MOUNT_IMAGE_FLAGS, const GUID*);
using DismountFunction = HRESULT(WINAPI*)(const GUID*);

// The module that this code is in, which may be a cimfs.dll too.
HMODULE own_module() {
  static const char inside = 0;
  HMODULE module = nullptr;
  ::GetModuleHandleExW(
      GET_MODULE_HANDLE_EX_FLAG_FROM_ADDRESS | GET_MODULE_HANDLE_EX_FLAG_UNCHANGED_REFCOUNT,
      reinterpret_cast<LPCWSTR>(&inside), &module);
  return module;
}

// Loads it by its full path, so that no other DLL of that name is used; null if there is none. It
// remains loaded, since the volumes that it mounts outlive a call.
HMODULE system_module() {
  std::array<wchar_t, MAX_PATH> directory{};
  const UINT length = ::GetSystemDirectoryW(directory.data(), directory.size());
  if (length == 0 || length >= directory.size()) {
    return nullptr;
  }
  const std::wstring path = std::wstring(directory.data(), length) + L"\\cimfs.dll";
  HMODULE const module = ::LoadLibraryExW(path.c_str(), nullptr, LOAD_LIBRARY_SEARCH_SYSTEM32);
  if (module == own_module() && module != nullptr) {
    ::FreeLibrary(module);
    return nullptr;
  }
  return module;
}

template <typename Function>
Function system_function(const char* name) {
  static HMODULE const module = system_module();
  const FARPROC found = module == nullptr ? nullptr : ::GetProcAddress(module, name);
  // Cast through the one function type that is compatible with all others.
  return reinterpret_cast<Function>(reinterpret_cast<void (*)()>(found));
}

}  // namespace

HRESULT mount_volume(PCWSTR directory, PCWSTR name, CIM_MOUNT_IMAGE_FLAGS flags,
                     const GUID* volume) {
  if (const auto mount = system_function<MountFunction>("CimMountImage")) {
    return mount(directory, name, flags, volume);
  }
  return guarded([&] {
    check_mount_flags(flags);
    guid_of(volume);
    existing_image(directory, name);
    fail(from_win32(ERROR_NOT_SUPPORTED));
  });
}

HRESULT dismount_volume(const GUID* volume) {
  if (const auto dismount = system_function<DismountFunction>("CimDismountImage")) {
    return dismount(volume);
  }
  return guarded([&] {
    guid_of(volume);
    fail(from_win32(ERROR_FILE_NOT_FOUND));
  });
}

std::u16string volume_path(const GUID* volume) {
  return to_utf16("\\\\?\\Volume{" + guid_of(volume).to_string() + "}\\").value();
}

}  // namespace cim::capi
