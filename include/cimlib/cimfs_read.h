/* Copyright (c) 2026 The cimlib authors
 * SPDX-License-Identifier: MIT */
#pragma once

/* Reading images from C: functions of cimlib that are not in cimfs.dll. Included by cimfs.h, which
 * describes strings, results, threads and ownership.
 *
 *   CIMLIB_IMAGE_HANDLE image;
 *   CIMLIB_STREAM_HANDLE stream;
 *   char text[100];
 *   UINT32 count;
 *   if (SUCCEEDED(CimlibOpenImage(u"/images", u"a.cim", &image))) {
 *     if (SUCCEEDED(CimlibOpenStream(image, u"hello.txt", &stream, NULL))) {
 *       CimlibReadStream(stream, 0, text, sizeof text, &count);
 *       CimlibCloseStream(stream);
 *     }
 *     CimlibCloseImage(image);
 *   } */

#include "cimlib/cimfs_types.h"
#include "cimlib/export.h"

/* NOLINTBEGIN: the names, the macros and the order of declarations are those of cimfs.h and C. */
#ifdef __cplusplus
extern "C" {
#endif

/* An image that is read, one of its streams, and a listing of a directory or of streams. Opaque;
 * not pointers to anything. */
typedef struct CIMLIB_IMAGE_HANDLE__* CIMLIB_IMAGE_HANDLE;
typedef struct CIMLIB_STREAM_HANDLE__* CIMLIB_STREAM_HANDLE;
typedef struct CIMLIB_LISTING_HANDLE__* CIMLIB_LISTING_HANDLE;

/* Metadata of a file or directory. Sizes are those of the buffers that CimlibGetMetadata() copies;
 * 0 means that the file has no such metadata. */
typedef struct CIMLIB_FILE_INFORMATION {
  UINT32 FileId; /* from 1; the same for all names of a file */
  UINT32 Attributes;
  INT64 FileSize; /* 0 for a directory */
  LARGE_INTEGER CreationTime;
  LARGE_INTEGER LastWriteTime;
  LARGE_INTEGER ChangeTime;
  LARGE_INTEGER LastAccessTime;
  UINT32 SecurityDescriptorSize;
  UINT32 ReparseTag; /* 0 if it is not a reparse point */
  UINT32 ReparseDataSize;
  UINT32 EaBufferSize;
  UINT32 StreamCount; /* number of alternate streams */
  UINT32 Reserved;
} CIMLIB_FILE_INFORMATION;

/* An entry of a listing: a name in a directory, or an alternate stream. */
typedef struct CIMLIB_ENTRY {
  UINT32 FileId;     /* of the entry; for a stream, of the file that has it */
  UINT32 Reserved;   /* 0 */
  INT64 Size;        /* size of a stream; 0 for a directory's entry */
  UINT16 NameLength; /* in UTF-16 units, without the NUL */
  WCHAR Name[256];   /* NUL-terminated */
} CIMLIB_ENTRY;

/* An entry of CimlibReadDirectory(): a name in a directory with the metadata of its file. */
typedef struct CIMLIB_DIRECTORY_ENTRY {
  UINT32 EntrySize; /* bytes from the start of this entry to the next; a multiple of 8 */
  UINT32 FileId;
  UINT32 Attributes;
  UINT32 ReparseTag; /* 0 if it is not a reparse point */
  INT64 FileSize;    /* 0 for a directory */
  LARGE_INTEGER CreationTime;
  LARGE_INTEGER LastWriteTime;
  LARGE_INTEGER ChangeTime;
  LARGE_INTEGER LastAccessTime;
  UINT32 EaBufferSize;
  UINT32 HasStreams; /* 1 if it has alternate streams */
  UINT32 NameLength; /* in UTF-16 units, without the NUL */
  WCHAR Name[2];     /* NUL-terminated; longer than this */
} CIMLIB_DIRECTORY_ENTRY;

/* The kinds of metadata that CimlibGetMetadata() copies, in the layouts of CIMFS_FILE_METADATA. */
typedef enum CIMLIB_METADATA {
  CIMLIB_SECURITY_DESCRIPTOR = 1,
  CIMLIB_REPARSE_DATA = 2,
  CIMLIB_EXTENDED_ATTRIBUTES = 3
} CIMLIB_METADATA;

/* Opens an image for reading.
 *
 *   ERROR_PATH_NOT_FOUND, ERROR_FILE_NOT_FOUND  the directory or the image does not exist */
CIM_EXPORT HRESULT WINAPI CimlibOpenImage(PCWSTR imageContainingPath, PCWSTR imageName,
                                          CIMLIB_IMAGE_HANDLE* imageHandle);
/* Closes an image. Streams and listings opened through it remain valid. */
CIM_EXPORT HRESULT WINAPI CimlibCloseImage(CIMLIB_IMAGE_HANDLE imageHandle);

/* Returns the id of a file or directory. Names are compared ignoring case; links are not followed.
 * Here and below:
 *
 *   ERROR_FILE_NOT_FOUND  the file or directory does not exist
 *   ERROR_PATH_NOT_FOUND  a directory above it does not exist */
CIM_EXPORT HRESULT WINAPI CimlibFind(CIMLIB_IMAGE_HANDLE imageHandle, PCWSTR imageRelativePath,
                                     UINT32* fileId);

/* Returns the metadata of a file or directory. */
CIM_EXPORT HRESULT WINAPI CimlibGetFileInformation(CIMLIB_IMAGE_HANDLE imageHandle,
                                                   PCWSTR imageRelativePath,
                                                   CIMLIB_FILE_INFORMATION* information);

/* Copies metadata into a buffer and returns its size, 0 if there is none.
 *
 *   ERROR_INSUFFICIENT_BUFFER  the buffer is too small; `size` is the size needed. `buffer` may be
 *                              null if `bufferSize` is 0. */
CIM_EXPORT HRESULT WINAPI CimlibGetMetadata(CIMLIB_IMAGE_HANDLE imageHandle,
                                            PCWSTR imageRelativePath, CIMLIB_METADATA kind,
                                            void* buffer, UINT32 bufferSize, UINT32* size);

/* Opens a listing of the entries of a directory, or of the alternate streams of a file or
 * directory.
 *
 *   E_INVALIDARG  also if the directory to list is a file */
CIM_EXPORT HRESULT WINAPI CimlibListDirectory(CIMLIB_IMAGE_HANDLE imageHandle,
                                              PCWSTR imageRelativePath,
                                              CIMLIB_LISTING_HANDLE* listingHandle);
CIM_EXPORT HRESULT WINAPI CimlibListStreams(CIMLIB_IMAGE_HANDLE imageHandle,
                                            PCWSTR imageRelativePath,
                                            CIMLIB_LISTING_HANDLE* listingHandle);
/* Returns the next entry; at the end S_FALSE and an empty name. Two threads that use one listing
 * get different entries. */
CIM_EXPORT HRESULT WINAPI CimlibNextEntry(CIMLIB_LISTING_HANDLE listingHandle, CIMLIB_ENTRY* entry);
CIM_EXPORT HRESULT WINAPI CimlibCloseListing(CIMLIB_LISTING_HANDLE listingHandle);

/* Returns all entries of a directory, with metadata, as CIMLIB_DIRECTORY_ENTRY one after another.
 * `buffer` must be aligned as a UINT64. `count` is their number and `size` the bytes of all.
 *
 *   E_INVALIDARG               also for a file
 *   ERROR_INSUFFICIENT_BUFFER  the buffer is too small; both results are set. `buffer` may be null
 *                              if `bufferSize` is 0. */
CIM_EXPORT HRESULT WINAPI CimlibReadDirectory(CIMLIB_IMAGE_HANDLE imageHandle,
                                              PCWSTR imageRelativePath, void* buffer,
                                              UINT64 bufferSize, UINT64* size, UINT32* count);

/* Opens a file or `file:stream` for reading and returns its size. `size` may be null.
 *
 *   E_INVALIDARG  also for a directory */
CIM_EXPORT HRESULT WINAPI CimlibOpenStream(CIMLIB_IMAGE_HANDLE imageHandle,
                                           PCWSTR imageRelativePath,
                                           CIMLIB_STREAM_HANDLE* streamHandle, UINT64* size);
/* Reads from `offset` on until the buffer is full or the stream ends; `bytesRead` is 0 at its end.
 */
CIM_EXPORT HRESULT WINAPI CimlibReadStream(CIMLIB_STREAM_HANDLE streamHandle, UINT64 offset,
                                           void* buffer, UINT32 bufferSize, UINT32* bytesRead);
CIM_EXPORT HRESULT WINAPI CimlibCloseStream(CIMLIB_STREAM_HANDLE streamHandle);

#ifdef __cplusplus
}
#endif
/* NOLINTEND */
