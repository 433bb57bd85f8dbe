// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
// Windows mounts images itself: calls are forwarded to its cimfs.dll, if there is one.
#include <algorithm>
#include <array>
#include <string>
#include <string_view>

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
HMODULE own_module() noexcept {
  static const char inside = 0;
  HMODULE module = nullptr;
  ::GetModuleHandleExW(
      GET_MODULE_HANDLE_EX_FLAG_FROM_ADDRESS | GET_MODULE_HANDLE_EX_FLAG_UNCHANGED_REFCOUNT,
      reinterpret_cast<LPCWSTR>(&inside), &module);
  return module;
}

// Loads it by its full path, so that no other DLL of that name is used; null if there is none. It
// remains loaded, since the volumes that it mounts outlive a call.
HMODULE system_module() noexcept {
  constexpr std::wstring_view kName = L"\\cimfs.dll";
  std::array<wchar_t, MAX_PATH> path{};
  const UINT length = ::GetSystemDirectoryW(path.data(), path.size());
  if (length == 0 || length + kName.size() >= path.size()) {
    return nullptr;
  }
  std::ranges::copy(kName, path.begin() + length);
  HMODULE const module = ::LoadLibraryExW(path.data(), nullptr, LOAD_LIBRARY_SEARCH_SYSTEM32);
  if (module == own_module() && module != nullptr) {
    ::FreeLibrary(module);
    return nullptr;
  }
  return module;
}

}  // namespace

SystemFunction system_function(const char* name) noexcept {
  static HMODULE const module = system_module();
  return module == nullptr ? nullptr
                           : reinterpret_cast<SystemFunction>(::GetProcAddress(module, name));
}

HRESULT mount_volume(PCWSTR directory, PCWSTR name, CIM_MOUNT_IMAGE_FLAGS flags,
                     const GUID* volume) {
  if (const auto mount = reinterpret_cast<MountFunction>(system_function("CimMountImage"))) {
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
  if (const auto dismount =
          reinterpret_cast<DismountFunction>(system_function("CimDismountImage"))) {
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
