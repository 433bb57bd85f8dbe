// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// The functions of Windows' offreg.dll, with the names, types, results and calling convention of
// its documentation (https://learn.microsoft.com/windows/win32/devnotes/offline-registry-library);
// docs/offreg.md describes what is not documented there. On other systems they are compiled for
// tests only, with equivalent types.
//
// Results are Win32 error codes. Besides those documented at each function:
//
//   ERROR_INVALID_HANDLE     a handle that is null, closed or invalid
//   ERROR_INVALID_PARAMETER  a null pointer to a result, a string that is too long, a name that a
//                            key cannot have
//   ERROR_KEY_DELETED        a handle to a deleted key, in any call but ORCloseKey
//   ERROR_NOT_ENOUGH_MEMORY  out of memory
//
// A function that fails sets its output handle to null. Calls on one hive are serialized; any
// thread may make them.

#ifdef _WIN32
#include <windows.h>
#else

#include <cstdint>

#define WINAPI

// NOLINTBEGIN: the names of Windows.
using BYTE = std::uint8_t;
using DWORD = std::uint32_t;
using WCHAR = char16_t;
using PBYTE = BYTE*;
using PDWORD = DWORD*;
using PVOID = void*;
using PWSTR = WCHAR*;
using PCWSTR = const WCHAR*;
using SECURITY_INFORMATION = DWORD;
using PSECURITY_DESCRIPTOR = void*;

struct FILETIME {
  DWORD dwLowDateTime;
  DWORD dwHighDateTime;
};
using PFILETIME = FILETIME*;

enum : DWORD {
  ERROR_SUCCESS = 0,
  ERROR_FILE_NOT_FOUND = 2,
  ERROR_PATH_NOT_FOUND = 3,
  ERROR_ACCESS_DENIED = 5,
  ERROR_INVALID_HANDLE = 6,
  ERROR_NOT_ENOUGH_MEMORY = 8,
  ERROR_SHARING_VIOLATION = 32,
  ERROR_INVALID_PARAMETER = 87,
  ERROR_DISK_FULL = 112,
  ERROR_INSUFFICIENT_BUFFER = 122,
  ERROR_ALREADY_EXISTS = 183,
  ERROR_FILE_TOO_LARGE = 223,
  ERROR_MORE_DATA = 234,
  ERROR_NO_MORE_ITEMS = 259,
  ERROR_OPERATION_ABORTED = 995,
  ERROR_BADDB = 1009,
  ERROR_REGISTRY_IO_FAILED = 1016,
  ERROR_NOT_REGISTRY_FILE = 1017,
  ERROR_KEY_DELETED = 1018,
  ERROR_KEY_HAS_CHILDREN = 1020,
  ERROR_INVALID_SECURITY_DESCR = 1338,
  ERROR_INTERNAL_ERROR = 1359,

  REG_OPTION_NON_VOLATILE = 0,
  REG_OPTION_CREATE_LINK = 2,
  REG_CREATED_NEW_KEY = 1,
  REG_OPENED_EXISTING_KEY = 2,

  OWNER_SECURITY_INFORMATION = 0x1,
  GROUP_SECURITY_INFORMATION = 0x2,
  DACL_SECURITY_INFORMATION = 0x4,
  SACL_SECURITY_INFORMATION = 0x8,
  UNPROTECTED_SACL_SECURITY_INFORMATION = 0x10000000,
  UNPROTECTED_DACL_SECURITY_INFORMATION = 0x20000000,
  PROTECTED_SACL_SECURITY_INFORMATION = 0x40000000,
  PROTECTED_DACL_SECURITY_INFORMATION = 0x80000000,
};
// NOLINTEND
#endif

// NOLINTBEGIN: the names of Windows.
using ORHKEY = void*;
using PORHKEY = ORHKEY*;

extern "C" {

/// Creates an empty hive with a root key. The result is a handle to the root.
DWORD WINAPI ORCreateHive(PORHKEY phkResult);

/// Reads a hive file; nothing in it is repaired.
///   ERROR_FILE_NOT_FOUND, ERROR_ACCESS_DENIED
///   ERROR_BADDB              an empty file, or one of 4 GiB or more
///   ERROR_NOT_REGISTRY_FILE  the file is damaged, or its version is not 1.3 to 1.6
DWORD WINAPI OROpenHive(PCWSTR lpHivePath, PORHKEY phkResult);

#ifdef _WIN32
/// Reads the hive file that a handle for reading refers to, from its start.
DWORD WINAPI OROpenHiveByHandle(HANDLE FileHandle, PORHKEY phkResult);
#endif

/// Closes a hive, given by its root, and all handles to its keys. Changes that were not saved are
/// lost.
DWORD WINAPI ORCloseHive(ORHKEY Handle);

/// Writes a key and everything below it as a hive for a version of Windows (5.1, 5.2, 6.0 to 6.3
/// and 10.0; else ERROR_INVALID_PARAMETER).
///   ERROR_ALREADY_EXISTS     the file exists
///   ERROR_PATH_NOT_FOUND, ERROR_ACCESS_DENIED, ERROR_DISK_FULL
DWORD WINAPI ORSaveHive(ORHKEY Handle, PCWSTR lpHivePath, DWORD dwOsMajorVersion,
                        DWORD dwOsMinorVersion);

/// Merges hives, each given by its root, into a new one: a full hive, and one or more delta hives
/// in the order in which they apply. The hives merged are not changed.
///   ERROR_BADDB              the hives cannot be merged
DWORD WINAPI ORMergeHives(PORHKEY phkHives, DWORD cHives, PORHKEY phkResult);

/// Opens a key below another. Without a name the result is the same handle, which must then be
/// closed once more; ERROR_INVALID_PARAMETER if that is the root.
///   ERROR_FILE_NOT_FOUND
DWORD WINAPI OROpenKey(ORHKEY Handle, PCWSTR lpSubKeyName, PORHKEY phkResult);

/// Closes a key; ERROR_INVALID_PARAMETER for the root of a hive.
DWORD WINAPI ORCloseKey(ORHKEY Handle);

/// Opens a key below another, creating it and its missing parents. The class, the link option and
/// the descriptor, of either form, apply to a new key only. `lpSubKey` may have 32 names.
///   ERROR_INVALID_PARAMETER  also: the root; an option other than REG_OPTION_CREATE_LINK; that
///                            option for an existing key that is not a link; too many levels
///   ERROR_INVALID_SECURITY_DESCR
DWORD WINAPI ORCreateKey(ORHKEY Handle, PCWSTR lpSubKey, PWSTR lpClass, DWORD dwOptions,
                         PSECURITY_DESCRIPTOR pSecurityDescriptor, PORHKEY phkResult,
                         PDWORD pdwDisposition);

/// Deletes a key without subkeys; without a name, the handle's own.
///   ERROR_FILE_NOT_FOUND, ERROR_KEY_HAS_CHILDREN
///   ERROR_INVALID_PARAMETER  also: the root
DWORD WINAPI ORDeleteKey(ORHKEY Handle, PCWSTR lpSubKey);

/// Renames a key that is not a root.
///   ERROR_ALREADY_EXISTS     another key beside it has that name
DWORD WINAPI ORRenameKey(ORHKEY Handle, PCWSTR lpNewName);

/// Returns the name, class and time of a subkey by its index. Sizes are in characters: with the NUL
/// on entry, without it on return.
///   ERROR_NO_MORE_ITEMS
///   ERROR_MORE_DATA          a buffer is too small; nothing is changed
DWORD WINAPI OREnumKey(ORHKEY Handle, DWORD dwIndex, PWSTR lpName, PDWORD lpcName, PWSTR lpClass,
                       PDWORD lpcClass, PFILETIME lpftLastWriteTime);

/// Returns what a key has. Lengths of names and classes are in characters without the NUL.
///   ERROR_MORE_DATA          the class does not fit; `lpcClass` is set, and the rest is returned
DWORD WINAPI ORQueryInfoKey(ORHKEY Handle, PWSTR lpClass, PDWORD lpcClass, PDWORD lpcSubKeys,
                            PDWORD lpcMaxSubKeyLen, PDWORD lpcMaxClassLen, PDWORD lpcValues,
                            PDWORD lpcMaxValueNameLen, PDWORD lpcMaxValueLen,
                            PDWORD lpcbSecurityDescriptor, PFILETIME lpftLastWriteTime);

/// Returns the type and data of a value of a key or of a key below it. Text without a terminating
/// NUL gets one.
///   ERROR_FILE_NOT_FOUND
///   ERROR_MORE_DATA          the buffer is too small; `pcbData` is set to the size needed
DWORD WINAPI ORGetValue(ORHKEY Handle, PCWSTR lpSubKey, PCWSTR lpValue, PDWORD pdwType,
                        PVOID pvData, PDWORD pcbData);

/// Sets a value; the unnamed one without a name.
DWORD WINAPI ORSetValue(ORHKEY Handle, PCWSTR lpValueName, DWORD dwType, const BYTE* lpData,
                        DWORD cbData);

/// Removes a value.
///   ERROR_FILE_NOT_FOUND
DWORD WINAPI ORDeleteValue(ORHKEY Handle, PCWSTR lpValueName);

/// Returns the name, type and data of a value by its index, the data as stored.
///   ERROR_NO_MORE_ITEMS
///   ERROR_MORE_DATA          a buffer is too small; if it is that of the data, `lpcbData` is set
///   to
///                            the size needed
DWORD WINAPI OREnumValue(ORHKEY Handle, DWORD dwIndex, PWSTR lpValueName, PDWORD lpcValueName,
                         PDWORD lpType, PBYTE lpData, PDWORD lpcbData);

/// Returns parts of a key's descriptor, in the self-relative form.
///   ERROR_INSUFFICIENT_BUFFER  `lpcbSecurityDescriptor` is set to the size needed
DWORD WINAPI ORGetKeySecurity(ORHKEY Handle, SECURITY_INFORMATION SecurityInformation,
                              PSECURITY_DESCRIPTOR pSecurityDescriptor,
                              PDWORD lpcbSecurityDescriptor);

/// Replaces parts of a key's descriptor by those of another, of either form.
///   ERROR_INVALID_SECURITY_DESCR
DWORD WINAPI ORSetKeySecurity(ORHKEY Handle, SECURITY_INFORMATION SecurityInformation,
                              PSECURITY_DESCRIPTOR pSecurityDescriptor);

/// Returns the virtualization flags: 2, 4 and 8.
DWORD WINAPI ORGetVirtualFlags(ORHKEY Handle, PDWORD pdwFlags);
/// Sets the virtualization flags; ERROR_INVALID_PARAMETER for others.
DWORD WINAPI ORSetVirtualFlags(ORHKEY Handle, DWORD dwFlags);

/// Returns the version of the library that these functions are those of: 1.0. Documented without a
/// result.
DWORD WINAPI ORGetVersion(PDWORD pdwMajorVersion, PDWORD pdwMinorVersion);

/// Do nothing: the library is always ready. Not documented.
DWORD WINAPI ORStart();
DWORD WINAPI ORShutdown();
}
// NOLINTEND
