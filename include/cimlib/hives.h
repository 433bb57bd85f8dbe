/* Copyright (c) 2026 The cimlib authors
 * SPDX-License-Identifier: MIT */
#pragma once

/* The C API of registry hives, for reading. In C++, hive.h has the same and more.
 *
 *   CIMLIB_HIVE_HANDLE hive;
 *   CIMLIB_KEY_HANDLE key;
 *   char text[64];
 *   UINT32 type, size;
 *   if (SUCCEEDED(CimlibOpenHive("config/SOFTWARE", &hive))) {
 *     if (SUCCEEDED(CimlibOpenKey(hive, "Microsoft\\Windows NT\\CurrentVersion", &key))) {
 *       CimlibGetValue(key, "CurrentBuild", &type, text, sizeof text, &size);   // UTF-16
 *       CimlibCloseKey(key);
 *     }
 *     CimlibCloseHive(hive);
 *   }
 *
 * Strings are NUL-terminated UTF-8 as in layers.h; an unpaired surrogate of a name has the three
 * bytes that UTF-8 would give it. Names are compared ignoring case. Opening a hive checks it as a
 * whole, so later calls do not fail because of damage. Results, threads and ownership are as in
 * cimfs.h; CimlibGetErrorTextUtf8() of layers.h says in words why the last function failed. For
 * texts and data that do not fit into a buffer:
 *
 *   ERROR_INSUFFICIENT_BUFFER  the buffer is too small; the length or size needed is returned, and
 *                              the buffer may be NULL if its size is 0 */

/* NOLINTBEGIN: the names, the macros and the order of declarations are those of cimfs.h and C. */
#include <stddef.h>

#include "cimlib/cimfs.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct CIMLIB_HIVE_HANDLE__* CIMLIB_HIVE_HANDLE;
typedef struct CIMLIB_KEY_HANDLE__* CIMLIB_KEY_HANDLE;

/* How a key of a delta hive affects the key of the same path in the lower hive. */
typedef enum CIMLIB_LAYER_SEMANTICS {
  CIMLIB_KEY_MERGE = 0,           /* its values and subkeys are merged; every key of other hives */
  CIMLIB_KEY_TOMBSTONE = 1,       /* deletes the lower key and everything below it */
  CIMLIB_KEY_SUPERSEDE_LOCAL = 2, /* replaces the values of the lower key */
  CIMLIB_KEY_SUPERSEDE_TREE = 3   /* replaces the lower key and everything below it */
} CIMLIB_LAYER_SEMANTICS;

/* What a hive stores about a key besides its name and its descriptor. */
typedef struct CIMLIB_KEY_INFORMATION {
  LARGE_INTEGER LastWriteTime; /* FILETIME */
  UINT32 SubkeyCount;
  UINT32 ValueCount;
  UINT32 LayerSemantics; /* CIMLIB_KEY_... */
  UINT32 IsSymbolicLink; /* 1 if the key is a link to another key, which is not followed */
} CIMLIB_KEY_INFORMATION;

/* What a hive stores about a value besides its name and its data. */
typedef struct CIMLIB_VALUE_INFORMATION {
  UINT32 Type;        /* REG_... of Windows, or any other number */
  UINT32 DataSize;    /* bytes */
  UINT32 IsTombstone; /* 1 if the value, in a delta hive, deletes the lower value of its name */
  UINT32 Reserved;    /* 0 */
} CIMLIB_VALUE_INFORMATION;

/* Opens a hive file. A dirty hive, whose last write was interrupted, is refused.
 *
 *   ERROR_FILE_NOT_FOUND  the file does not exist
 *   ERROR_FILE_CORRUPT    the file is damaged, dirty or not a hive */
CIM_EXPORT HRESULT WINAPI CimlibOpenHive(const char* path, CIMLIB_HIVE_HANDLE* hive);
/* The same for a hive in memory, such as a file of an image, which is copied. `name` names it in
 * texts of errors. */
CIM_EXPORT HRESULT WINAPI CimlibOpenHiveBytes(const void* bytes, size_t size, const char* name,
                                              CIMLIB_HIVE_HANDLE* hive);
/* Closes a hive. Keys opened through it remain valid. */
CIM_EXPORT HRESULT WINAPI CimlibCloseHive(CIMLIB_HIVE_HANDLE hive);

/* Opens the key at a path of names separated by backslashes; the empty path is the root.
 *
 *   ERROR_FILE_NOT_FOUND  the key does not exist */
CIM_EXPORT HRESULT WINAPI CimlibOpenKey(CIMLIB_HIVE_HANDLE hive, const char* path,
                                        CIMLIB_KEY_HANDLE* key);
CIM_EXPORT HRESULT WINAPI CimlibCloseKey(CIMLIB_KEY_HANDLE key);

/* Returns what the hive stores about a key, and how many subkeys and values it has. */
CIM_EXPORT HRESULT WINAPI CimlibGetKeyInformation(CIMLIB_KEY_HANDLE key,
                                                  CIMLIB_KEY_INFORMATION* information);

/* Copies the name of a subkey, by its number from 0 on in the order of the hive. `length`, which
 * may be NULL, excludes the terminating NUL, here and below.
 *
 *   ERROR_FILE_NOT_FOUND  there are not so many subkeys */
CIM_EXPORT HRESULT WINAPI CimlibGetSubkeyName(CIMLIB_KEY_HANDLE key, UINT32 index, char* buffer,
                                              size_t bufferSize, size_t* length);

/* Copies the name of a value, by its number from 0 on, and returns what it is; the name of the
 * default value is empty. `information` may be NULL.
 *
 *   ERROR_FILE_NOT_FOUND  there are not so many values */
CIM_EXPORT HRESULT WINAPI CimlibGetValueName(CIMLIB_KEY_HANDLE key, UINT32 index, char* buffer,
                                             size_t bufferSize, size_t* length,
                                             CIMLIB_VALUE_INFORMATION* information);

/* Copies the data of a value as the hive stores it: text in UTF-16, numbers in little-endian order.
 * `type` may be NULL.
 *
 *   ERROR_FILE_NOT_FOUND  the value does not exist */
CIM_EXPORT HRESULT WINAPI CimlibGetValue(CIMLIB_KEY_HANDLE key, const char* name, UINT32* type,
                                         void* buffer, UINT32 bufferSize, UINT32* size);

#ifdef __cplusplus
}
#endif
/* NOLINTEND */
