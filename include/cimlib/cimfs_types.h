/* Copyright (c) 2026 The cimlib authors
 * SPDX-License-Identifier: MIT */
#pragma once

/* The types, results and constants of Windows that the C API uses. On Windows they are those of
 * windows.h; elsewhere they are defined here, with the same values. Included by cimfs.h. */

/* NOLINTBEGIN: the names, the macros and the order of declarations are those of Windows and C. */
#ifdef _WIN32

#include <windows.h>

struct _FILE_STAT_BASIC_INFORMATION; /* defined by newer Windows headers only */

#else

#include <stdint.h>

typedef int32_t HRESULT;
typedef int64_t INT64;
typedef uint16_t UINT16;
typedef uint32_t UINT32;
typedef uint64_t UINT64;
#ifdef __cplusplus
typedef char16_t WCHAR;
#else
typedef uint16_t WCHAR; /* the type of char16_t in C, and of the units of u"..." */
#endif
typedef const WCHAR* PCWSTR;

typedef union _LARGE_INTEGER {
  struct {
    uint32_t LowPart;
    int32_t HighPart;
  } u;
  INT64 QuadPart;
} LARGE_INTEGER;

typedef struct _GUID {
  uint32_t Data1;
  uint16_t Data2;
  uint16_t Data3;
  uint8_t Data4[8];
} GUID;

typedef struct _FILE_ID_128 {
  uint8_t Identifier[16];
} FILE_ID_128;

typedef struct _FILE_STAT_BASIC_INFORMATION {
  LARGE_INTEGER FileId;
  LARGE_INTEGER CreationTime;
  LARGE_INTEGER LastAccessTime;
  LARGE_INTEGER LastWriteTime;
  LARGE_INTEGER ChangeTime;
  LARGE_INTEGER AllocationSize;
  LARGE_INTEGER EndOfFile;
  UINT32 FileAttributes;
  UINT32 ReparseTag;
  UINT32 NumberOfLinks;
  UINT32 DeviceType;
  UINT32 DeviceCharacteristics;
  UINT32 Reserved;
  LARGE_INTEGER VolumeSerialNumber;
  FILE_ID_128 FileId128;
} FILE_STAT_BASIC_INFORMATION;

#define WINAPI

enum {
  S_OK = 0,
  S_FALSE = 1,
  E_POINTER = -2147467261,      /* 0x80004003 */
  E_UNEXPECTED = -2147418113,   /* 0x8000FFFF */
  E_ACCESSDENIED = -2147024891, /* 0x80070005 */
  E_HANDLE = -2147024890,       /* 0x80070006 */
  E_OUTOFMEMORY = -2147024882,  /* 0x8007000E */
  E_INVALIDARG = -2147024809,   /* 0x80070057 */

  ERROR_FILE_NOT_FOUND = 2,
  ERROR_PATH_NOT_FOUND = 3,
  ERROR_SHARING_VIOLATION = 32,
  ERROR_HANDLE_EOF = 38,
  ERROR_NOT_SUPPORTED = 50,
  ERROR_FILE_EXISTS = 80,
  ERROR_DISK_FULL = 112,
  ERROR_INSUFFICIENT_BUFFER = 122,
  ERROR_ALREADY_EXISTS = 183,
  ERROR_FILE_TOO_LARGE = 223,
  ERROR_OPERATION_ABORTED = 995,
  ERROR_IO_DEVICE = 1117,
  ERROR_FILE_CORRUPT = 1392,

  FILE_ATTRIBUTE_READONLY = 0x1,
  FILE_ATTRIBUTE_HIDDEN = 0x2,
  FILE_ATTRIBUTE_SYSTEM = 0x4,
  FILE_ATTRIBUTE_DIRECTORY = 0x10,
  FILE_ATTRIBUTE_ARCHIVE = 0x20,
  FILE_ATTRIBUTE_NORMAL = 0x80,
  FILE_ATTRIBUTE_SPARSE_FILE = 0x200,
  FILE_ATTRIBUTE_REPARSE_POINT = 0x400
};

#define HRESULT_FROM_WIN32(code) ((code) <= 0 ? (code) : -2147024896 + ((code)&0xFFFF))
#define SUCCEEDED(result) ((result) >= 0)
#define FAILED(result) ((result) < 0)

#endif /* _WIN32 */
/* NOLINTEND */
