// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
// The binary interface: sizes, offsets and calling conventions, for 64 and 32 bits. Compiling this
// file is the test, because programs for 32-bit Windows cannot be run on other systems.
#include <cstddef>
#include <type_traits>

#include "cimlib/cimfs.h"

namespace {

static_assert(sizeof(WCHAR) == 2);
static_assert(sizeof(HRESULT) == 4 && std::is_signed_v<HRESULT>);
static_assert(sizeof(GUID) == 16);
static_assert(sizeof(CIM_MOUNT_IMAGE_FLAGS) == 4);
static_assert(sizeof(CIMFS_IMAGE_HANDLE) == sizeof(void*));
static_assert(sizeof(CIMFS_STREAM_HANDLE) == sizeof(void*));

static_assert(offsetof(CIMFS_FILE_METADATA, Attributes) == 0);
static_assert(offsetof(CIMFS_FILE_METADATA, FileSize) == 8);
static_assert(offsetof(CIMFS_FILE_METADATA, CreationTime) == 16);
static_assert(offsetof(CIMFS_FILE_METADATA, LastWriteTime) == 24);
static_assert(offsetof(CIMFS_FILE_METADATA, ChangeTime) == 32);
static_assert(offsetof(CIMFS_FILE_METADATA, LastAccessTime) == 40);
static_assert(offsetof(CIMFS_FILE_METADATA, SecurityDescriptorBuffer) == 48);
static_assert(offsetof(CIMFS_FILE_METADATA, SecurityDescriptorSize) == 48 + sizeof(void*));
static_assert(offsetof(CIMFS_FILE_METADATA, ReparseDataBuffer) == 48 + 2 * sizeof(void*));
static_assert(offsetof(CIMFS_FILE_METADATA, ReparseDataSize) == 48 + 3 * sizeof(void*));
static_assert(offsetof(CIMFS_FILE_METADATA, EaBuffer) == 48 + 4 * sizeof(void*));
static_assert(offsetof(CIMFS_FILE_METADATA, EaBufferSize) == 48 + 5 * sizeof(void*));
static_assert(sizeof(CIMFS_FILE_METADATA) == 48 + 6 * sizeof(void*));

static_assert(offsetof(CIMLIB_FILE_INFORMATION, CreationTime) == 16);
static_assert(offsetof(CIMLIB_FILE_INFORMATION, StreamCount) == 64);
static_assert(sizeof(CIMLIB_FILE_INFORMATION) == 72);
static_assert(offsetof(CIMLIB_ENTRY, Size) == 8);
static_assert(offsetof(CIMLIB_ENTRY, NameLength) == 16);
static_assert(offsetof(CIMLIB_ENTRY, Name) == 18);
static_assert(sizeof(CIMLIB_ENTRY) == 536);

#ifndef _WIN32
static_assert(offsetof(FILE_STAT_BASIC_INFORMATION, EndOfFile) == 48);
static_assert(offsetof(FILE_STAT_BASIC_INFORMATION, FileAttributes) == 56);
static_assert(offsetof(FILE_STAT_BASIC_INFORMATION, VolumeSerialNumber) == 80);
static_assert(offsetof(FILE_STAT_BASIC_INFORMATION, FileId128) == 88);
static_assert(sizeof(FILE_STAT_BASIC_INFORMATION) == 104);
#endif

// The types below include the calling convention: with another one, the assignments would not
// compile on 32-bit Windows.
static_assert(std::is_same_v<decltype(&CimCreateImage),
                             HRESULT(WINAPI*)(PCWSTR, PCWSTR, PCWSTR, CIMFS_IMAGE_HANDLE*)>);
static_assert(std::is_same_v<decltype(&CimCloseImage), HRESULT(WINAPI*)(CIMFS_IMAGE_HANDLE)>);
static_assert(
    std::is_same_v<decltype(&CimCreateImage2),
                   HRESULT(WINAPI*)(PCWSTR, UINT32, PCWSTR, PCWSTR, CIMFS_IMAGE_HANDLE*)>);
static_assert(std::is_same_v<decltype(&CimCommitImage), HRESULT(WINAPI*)(CIMFS_IMAGE_HANDLE)>);
static_assert(std::is_same_v<decltype(&CimCreateFile),
                             HRESULT(WINAPI*)(CIMFS_IMAGE_HANDLE, PCWSTR,
                                              const CIMFS_FILE_METADATA*, CIMFS_STREAM_HANDLE*)>);
static_assert(std::is_same_v<decltype(&CimCloseStream), HRESULT(WINAPI*)(CIMFS_STREAM_HANDLE)>);
static_assert(std::is_same_v<decltype(&CimWriteStream),
                             HRESULT(WINAPI*)(CIMFS_STREAM_HANDLE, const void*, UINT32)>);
static_assert(
    std::is_same_v<decltype(&CimCreateAlternateStream),
                   HRESULT(WINAPI*)(CIMFS_IMAGE_HANDLE, PCWSTR, UINT64, CIMFS_STREAM_HANDLE*)>);
static_assert(std::is_same_v<decltype(&CimCreateHardLink),
                             HRESULT(WINAPI*)(CIMFS_IMAGE_HANDLE, PCWSTR, PCWSTR)>);
static_assert(
    std::is_same_v<decltype(&CimDeletePath), HRESULT(WINAPI*)(CIMFS_IMAGE_HANDLE, PCWSTR)>);
static_assert(std::is_same_v<decltype(&CimMountImage),
                             HRESULT(WINAPI*)(PCWSTR, PCWSTR, CIM_MOUNT_IMAGE_FLAGS, const GUID*)>);
static_assert(std::is_same_v<decltype(&CimDismountImage), HRESULT(WINAPI*)(const GUID*)>);
static_assert(std::is_same_v<decltype(&CimReadFile), HRESULT(WINAPI*)(PCWSTR, PCWSTR, UINT64, void*,
                                                                      UINT64, UINT64*, UINT64*)>);
static_assert(std::is_same_v<decltype(&CimGetFileStatBasicInformation),
                             HRESULT(WINAPI*)(PCWSTR, PCWSTR, _FILE_STAT_BASIC_INFORMATION*)>);

}  // namespace
