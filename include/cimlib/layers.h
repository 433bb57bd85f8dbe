/* Copyright (c) 2026 The cimlib authors
 * SPDX-License-Identifier: MIT */
#pragma once

/* The C API of layers: what a snapshotter and a differ of a container engine need. In C++, layer.h,
 * layer_mount.h and layer_chain.h have the same and more.
 *
 *   static INT64 WINAPI read_file(void* file, void* buffer, size_t size) {
 *     const size_t count = fread(buffer, 1, size, (FILE*)file);
 *     return ferror((FILE*)file) ? HRESULT_FROM_WIN32(ERROR_IO_DEVICE) : (INT64)count;
 *   }
 *   ...
 *   CIMLIB_LAYER base = {"/store/base", NULL}, top = {"/store/top", NULL};
 *   CIMLIB_IMPORT_RESULT result = {.StructSize = sizeof result};
 *   if (SUCCEEDED(CimlibImportLayer(read_file, tar, &top, &base, 1, NULL, &result))) {
 *     printf("%s\n", result.DiffId);
 *   }
 *
 * Strings are NUL-terminated UTF-8, of at most 32,767 bytes, on every system. They are not UTF-16
 * as those of cimfs.h, whose functions have the types of Windows: no such function exists for
 * layers, the paths come from programs that have them in UTF-8, and on POSIX systems a path is any
 * bytes, which UTF-16 could not represent.
 *
 * Results, threads and ownership are as in cimfs.h. Further results:
 *
 *   E_INVALIDARG  a null or too long string, a structure of unknown size, an unknown flag; parents
 *                 in an impossible order, or with images in another directory
 *   HRESULT_FROM_WIN32 of
 *     ERROR_FILE_NOT_FOUND     the layer, a parent or a mount does not exist
 *     ERROR_FILE_EXISTS        the layer already exists
 *     ERROR_SHARING_VIOLATION  another process is using the image or its directory
 *     ERROR_FILE_CORRUPT       also a damaged tar, or one with another diff id
 *     ERROR_FILE_TOO_LARGE     also a tar that exceeds a limit of the caller
 *
 * CimlibGetErrorTextUtf8() says in words why the last function failed. A structure begins with its
 * size, which the caller sets, so that later versions can add members: they accept the sizes of
 * earlier versions. Members that are not set must be zero. */

/* NOLINTBEGIN: the names, the macros and the order of declarations are those of cimfs.h and C. */
#include <stddef.h>

#include "cimlib/cimfs.h"

#ifdef __cplusplus
extern "C" {
#endif

/* A layer: its directory and its image. If `Image` is NULL, it is `cim-layers/NAME.cim` next to the
 * directory NAME. The images of a layer and its parents are in one directory. */
typedef struct CIMLIB_LAYER {
  const char* Directory;
  const char* Image;
} CIMLIB_LAYER;

/* Provides the next bytes of a tar: writes up to `size` bytes, which is not 0, to `buffer` and
 * returns their number; 0 at the end. A negative HRESULT ends the import, which returns it. Called
 * from another thread than that of the import, on which nothing else happens meanwhile. Not called
 * again after it returned 0 or less, nor after the import has returned. The import does not return
 * while a call is running, so a call should not wait indefinitely. */
typedef INT64(WINAPI* CIMLIB_READ)(void* context, void* buffer, size_t size);

/* Receives one line without a newline about an oddity of the tar or the layer, on the calling
 * thread. `text` is valid during the call. */
typedef void(WINAPI* CIMLIB_WARNING)(void* context, const char* text);

/* Flags of an import. */
typedef enum CIMLIB_IMPORT_FLAGS {
  CIMLIB_IMPORT_NONE = 0x0,
  CIMLIB_IMPORT_PLAIN_EXECUTABLES = 0x1, /* store executables unchanged */
  CIMLIB_IMPORT_REPRODUCIBLE = 0x2,      /* the same input makes the same bytes */
  CIMLIB_IMPORT_ZERO_TIMES = 0x4         /* files that the import makes have the time 0 */
} CIMLIB_IMPORT_FLAGS;

/* How to import a layer. */
typedef struct CIMLIB_IMPORT_OPTIONS {
  UINT32 StructSize;      /* sizeof(CIMLIB_IMPORT_OPTIONS) */
  UINT32 Flags;           /* CIMLIB_IMPORT_... */
  const char* DiffId;     /* required digest of the unpacked tar, "sha256:..."; NULL for any */
  UINT64 MaxSize;         /* limit of the unpacked bytes; 0 for 1 TiB */
  UINT64 MaxEntries;      /* limit of the number of entries; 0 for 16,777,216 */
  UINT32 TimeoutSeconds;  /* how long to wait while files next to the image are being removed */
  UINT32 Reserved;        /* 0 */
  CIMLIB_WARNING Warning; /* may be NULL */
  void* WarningContext;
} CIMLIB_IMPORT_OPTIONS;

/* The result of an import. */
typedef struct CIMLIB_IMPORT_RESULT {
  UINT32 StructSize; /* sizeof(CIMLIB_IMPORT_RESULT) */
  UINT32 Reserved;
  UINT64 TarSize;           /* bytes of the unpacked tar, to the end of the input */
  UINT64 Entries;           /* entries of the tar */
  UINT64 FileBytes;         /* sum of the sizes of its files */
  UINT64 StoredBytes;       /* bytes that the image takes in its own region files */
  UINT64 DeduplicatedBytes; /* bytes of files that were there already */
  char DiffId[72];          /* digest of the unpacked tar: "sha256:" and 64 lower-case digits */
} CIMLIB_IMPORT_RESULT;

/* The disk usage of a layer (Usage in layer.h). */
typedef struct CIMLIB_LAYER_USAGE {
  UINT32 StructSize; /* sizeof(CIMLIB_LAYER_USAGE) */
  UINT32 Reserved;
  UINT64 Size;   /* bytes of the layer's own files */
  UINT64 Inodes; /* number of these files and directories */
  UINT64 SharedSize;
  UINT64 SharedInodes; /* the same of the parents' files that the image needs */
} CIMLIB_LAYER_USAGE;

/* Imports a tar, plain or compressed with gzip or zstd, as a new layer on top of `parents`, the
 * immediate parent first. On failure no part of the layer remains. `options` may be NULL. `result`
 * may be NULL, which saves the computation of the digest; on failure only its size is kept.
 *
 *   E_POINTER  `read` is NULL */
CIM_EXPORT HRESULT WINAPI CimlibImportLayer(CIMLIB_READ read, void* context,
                                            const CIMLIB_LAYER* layer, const CIMLIB_LAYER* parents,
                                            UINT32 parentCount,
                                            const CIMLIB_IMPORT_OPTIONS* options,
                                            CIMLIB_IMPORT_RESULT* result);

/* Removes a layer: its image and the files in its directory that are proven to be the layer's. It
 * is not an error if there is no such layer. `removed`, which may be NULL, receives 1 if there was
 * anything to remove.
 *
 *   ERROR_SHARING_VIOLATION  the image is mounted, another image needs it, or another process is
 *                            writing there for longer than `timeoutSeconds`; nothing is changed */
CIM_EXPORT HRESULT WINAPI CimlibDestroyLayer(const CIMLIB_LAYER* layer, UINT32 timeoutSeconds,
                                             UINT32* removed);

/* Removes an image in the same way and keeps the files in the layer's directory. */
CIM_EXPORT HRESULT WINAPI CimlibDestroyImage(const char* image, UINT32 timeoutSeconds,
                                             UINT32* removed);

/* Returns the disk usage of a layer. Reads the header of its image, and its directory. */
CIM_EXPORT HRESULT WINAPI CimlibGetLayerUsage(const CIMLIB_LAYER* layer, CIMLIB_LAYER_USAGE* usage);

/* Mounts the layer's image for a container and returns the mount point; `mountPoint` is a buffer of
 * `bufferSize` bytes. `length`, which may be NULL, excludes the terminating NUL. Forks the calling
 * process as CimMountImage() does.
 *
 *   ERROR_FILE_EXISTS          an image is mounted for the container
 *   ERROR_INSUFFICIENT_BUFFER  the buffer is too small; nothing is mounted, and `length` is the
 *                              length needed
 *   ERROR_NOT_SUPPORTED        a build or a system that cannot mount */
CIM_EXPORT HRESULT WINAPI CimlibMountLayer(const CIMLIB_LAYER* layer, const char* containerId,
                                           char* mountPoint, size_t bufferSize, size_t* length);

/* Unmounts the layer's image for a container.
 *
 *   ERROR_SHARING_VIOLATION  a file in the mount is open */
CIM_EXPORT HRESULT WINAPI CimlibUnmountLayer(const CIMLIB_LAYER* layer, const char* containerId);

/* Writes the file layerchain.json of a layer: the directories of its parents, the immediate parent
 * first (layer_chain.h). */
CIM_EXPORT HRESULT WINAPI CimlibWriteLayerChain(const CIMLIB_LAYER* layer,
                                                const char* const* parents, UINT32 parentCount);

/* Reads the layerchain.json in a directory. The paths are stored in `buffer` one after another,
 * each with its terminating NUL. `count` is their number, `length` the bytes of all, also if the
 * buffer is too small. `buffer` may be NULL if `bufferSize` is 0.
 *
 *   ERROR_FILE_NOT_FOUND       there is no such file
 *   ERROR_FILE_CORRUPT         the file is not an array of different absolute paths
 *   ERROR_INSUFFICIENT_BUFFER  the buffer is too small */
CIM_EXPORT HRESULT WINAPI CimlibReadLayerChain(const char* directory, char* buffer,
                                               size_t bufferSize, size_t* length, UINT32* count);

/* CimlibGetErrorText() of cimfs.h in UTF-8: the reason for the last failure of a function on this
 * thread, or an empty text. */
CIM_EXPORT HRESULT WINAPI CimlibGetErrorTextUtf8(char* buffer, size_t bufferSize, size_t* length);

#ifdef __cplusplus
}
#endif
/* NOLINTEND */
