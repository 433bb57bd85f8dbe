/* Copyright (c) 2026 The cimlib authors
 * SPDX-License-Identifier: MIT */
#pragma once

/* The face for C, and for programs that know cimfs.dll.
 *
 * The functions Cim... are those of Windows: names, types, results and calling convention are those
 * of its documentation (https://learn.microsoft.com/windows/win32/api/cimfs/). The functions
 * Cimlib... are our own and read images, in the same manner:
 *
 *   CIMFS_IMAGE_HANDLE image;
 *   CIMFS_STREAM_HANDLE stream;
 *   CIMFS_FILE_METADATA metadata = {0};
 *   metadata.FileSize = 5;
 *   if (SUCCEEDED(CimCreateImage(u"/images", NULL, u"a.cim", &image))) {
 *     if (SUCCEEDED(CimCreateFile(image, u"hello.txt", &metadata, &stream))) {
 *       CimWriteStream(stream, "hello", 5);
 *       CimCloseStream(stream);
 *     }
 *     CimCommitImage(image);
 *     CimCloseImage(image);
 *   }
 *
 * Strings are UTF-16 and end with a NUL; on other systems than Windows, paths of the host are the
 * UTF-8 of them. Names in an image may be parted by `\` or `/`.
 *
 * Results. S_OK is success; every failure is negative. Beside what is documented at each function:
 *
 *   E_INVALIDARG   a handle that is null, closed, made up or of another kind; a null or over-long
 *                  string; a path that can't be; a malformed structure
 *   E_POINTER      a null pointer to where an answer belongs, or to a buffer
 *   E_OUTOFMEMORY  no memory
 *   E_ACCESSDENIED the system refuses
 *   HRESULT_FROM_WIN32 of
 *     ERROR_DISK_FULL          no space is left
 *     ERROR_FILE_CORRUPT       an image breaks the format
 *     ERROR_NOT_SUPPORTED      an image of a kind that is not handled; something not offered here
 *     ERROR_FILE_TOO_LARGE     a limit of the format is exceeded
 *     ERROR_IO_DEVICE          the system failed to read or to write
 *
 * A function that fails sets the handle or the count that it would have given to null.
 *
 * Threads. Any function may be called from any thread at any time. Calls on one image that is being
 * written wait for each other; reading needs no waiting. A handle that is closed while another
 * thread uses it lives until that call is over. Handles not closed when the process ends are lost;
 * what an uncommitted image wrote is left to `cim gc` then, as after a crash. */

#include "cimlib/export.h"

/* NOLINTBEGIN: the names, the macros and the order of declarations are those of Windows and C. */
#ifdef _WIN32

#include <windows.h>

struct _FILE_STAT_BASIC_INFORMATION; /* headers of Windows that are new enough have all of it */

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
typedef uint16_t WCHAR; /* what char16_t of C is, and the units of u"..." */
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

#ifdef __cplusplus
extern "C" {
#endif

/* Opaque, and no pointers to anything. */
typedef struct CIMFS_IMAGE_HANDLE__* CIMFS_IMAGE_HANDLE;
typedef struct CIMFS_STREAM_HANDLE__* CIMFS_STREAM_HANDLE;

typedef enum CIM_MOUNT_IMAGE_FLAGS {
  CIM_MOUNT_IMAGE_NONE = 0x0,
  CIM_MOUNT_CHILD_ONLY = 0x1, /* not supported where cimlib mounts */
  CIM_MOUNT_ENABLE_DAX = 0x2, /* these three are hints, which cimlib takes and does not need */
  CIM_MOUNT_CACHE_FILES = 0x4,
  CIM_MOUNT_CACHE_REGIONS = 0x8,
  CIMLIB_ANY_MOUNT_FLAGS = 0x7FFFFFFF /* no flag: the range that the type has for a compiler */
} CIM_MOUNT_IMAGE_FLAGS;

/* Mind the order of the times: it is not that of FILE_BASIC_INFO. Times are FILETIMEs. A buffer of
 * size 0 is none; a file without a security descriptor gets one without owner and access control.
 */
typedef struct _CIMFS_FILE_METADATA {
  UINT32 Attributes; /* FILE_ATTRIBUTE_...; REPARSE_POINT is of no account, the buffer decides */
  INT64 FileSize;    /* bytes, below 2^48; 0 for a directory */
  LARGE_INTEGER CreationTime;
  LARGE_INTEGER LastWriteTime;
  LARGE_INTEGER ChangeTime;
  LARGE_INTEGER LastAccessTime;
  const void* SecurityDescriptorBuffer; /* self-relative */
  UINT32 SecurityDescriptorSize;        /* at most 65535 */
  const void* ReparseDataBuffer;        /* a REPARSE_DATA_BUFFER, header included */
  UINT32 ReparseDataSize;               /* at most 16384 */
  const void* EaBuffer;                 /* a list of FILE_FULL_EA_INFORMATION */
  UINT32 EaBufferSize;                  /* at most 65535 */
} CIMFS_FILE_METADATA;

/* ---- writing ---- */

/* A writer of the image `newImageName`, or, without that, of the one that is there, which then
 * takes its place. `existingImageName` is where it starts from; NULL starts from nothing.
 *
 *   ERROR_PATH_NOT_FOUND     the directory is missing
 *   ERROR_FILE_NOT_FOUND     the existing image is missing
 *   ERROR_FILE_EXISTS        there is another image of the new name
 *   ERROR_SHARING_VIOLATION  somebody is writing in the directory */
CIM_EXPORT HRESULT WINAPI CimCreateImage(PCWSTR imageContainingPath, PCWSTR existingImageName,
                                         PCWSTR newImageName, CIMFS_IMAGE_HANDLE* cimImageHandle);

/* Adds or replaces a file or directory. A directory over a directory keeps what is in it. Ranges of
 * a file that are never written read as zeros.
 *
 *   ERROR_PATH_NOT_FOUND     the directory above is missing
 *   ERROR_SHARING_VIOLATION  a stream of this image is open */
CIM_EXPORT HRESULT WINAPI CimCreateFile(CIMFS_IMAGE_HANDLE cimImageHandle, PCWSTR imageRelativePath,
                                        const CIMFS_FILE_METADATA* fileMetadata,
                                        CIMFS_STREAM_HANDLE* cimStreamHandle);

/* Adds or replaces the stream of a path such as `dir\file:stream`; `:$DATA` may follow.
 *
 *   ERROR_PATH_NOT_FOUND     the file or directory is missing
 *   ERROR_SHARING_VIOLATION  a stream of this image is open */
CIM_EXPORT HRESULT WINAPI CimCreateAlternateStream(CIMFS_IMAGE_HANDLE cimImageHandle,
                                                   PCWSTR imageRelativePath, UINT64 streamSize,
                                                   CIMFS_STREAM_HANDLE* cimStreamHandle);

/* The next bytes of a stream.
 *
 *   E_INVALIDARG      also for the handle of a directory
 *   ERROR_HANDLE_EOF  more than the stream's size; what fits is written */
CIM_EXPORT HRESULT WINAPI CimWriteStream(CIMFS_STREAM_HANDLE cimStreamHandle, const void* buffer,
                                         UINT32 bufferSize);

/* Ends a stream. Whatever fails here fails the commit. */
CIM_EXPORT void WINAPI CimCloseStream(CIMFS_STREAM_HANDLE cimStreamHandle);

/* Another name for a file, in place of a file that has it.
 *
 *   ERROR_PATH_NOT_FOUND     the existing file, or the directory of the new name, is missing
 *   E_ACCESSDENIED           one of both is a directory
 *   ERROR_SHARING_VIOLATION  a stream of this image is open */
CIM_EXPORT HRESULT WINAPI CimCreateHardLink(CIMFS_IMAGE_HANDLE cimImageHandle,
                                            PCWSTR imageRelativePath,
                                            PCWSTR existingImageRelativePath);

/* Removes a name, an alternate stream, or a directory with all that is in it.
 *
 *   ERROR_PATH_NOT_FOUND     it is missing
 *   ERROR_SHARING_VIOLATION  a stream of this image is open */
CIM_EXPORT HRESULT WINAPI CimDeletePath(CIMFS_IMAGE_HANDLE cimImageHandle,
                                        PCWSTR imageRelativePath);

/* Makes the image durable under its name. Before, nothing of it can be seen; afterwards the handle
 * is good for closing only.
 *
 *   ERROR_SHARING_VIOLATION  a stream is open, or the image to be replaced is mounted */
CIM_EXPORT HRESULT WINAPI CimCommitImage(CIMFS_IMAGE_HANDLE cimImageHandle);

/* Frees an image; without a commit all that was done is gone. If a stream is open, that happens
 * when it is closed. */
CIM_EXPORT void WINAPI CimCloseImage(CIMFS_IMAGE_HANDLE cimImageHandle);

/* ---- mounting ---- */

/* Mounts an image as a volume, whose path CimlibGetVolumePath() tells. On Linux a process of its
 * own serves it through FUSE until it is dismounted; it is forked from the caller's, which should
 * have no other threads that hold locks. On Windows the system's own cimfs.dll does it.
 *
 *   E_INVALIDARG          an unknown flag
 *   ERROR_PATH_NOT_FOUND  the directory is missing
 *   ERROR_FILE_NOT_FOUND  the image is missing
 *   E_ACCESSDENIED        no right to read it, or to mount
 *   ERROR_ALREADY_EXISTS  there is a volume with that GUID
 *   ERROR_NOT_SUPPORTED   CIM_MOUNT_CHILD_ONLY; a build or a system that cannot mount */
CIM_EXPORT HRESULT WINAPI CimMountImage(PCWSTR imageContainingPath, PCWSTR imageName,
                                        CIM_MOUNT_IMAGE_FLAGS mountImageFlags,
                                        const GUID* volumeId);

/*   ERROR_FILE_NOT_FOUND     no image is mounted under that GUID
 *   ERROR_SHARING_VIOLATION  something there is in use */
CIM_EXPORT HRESULT WINAPI CimDismountImage(const GUID* volumeId);

/* ---- reading: those of Windows 11 ---- */

/* Bytes of a file or of `file:stream`, from an image that is opened for this call alone. Both
 * counts are told also where nothing is left to read.
 *
 *   ERROR_PATH_NOT_FOUND, ERROR_FILE_NOT_FOUND  the image or the file is missing */
CIM_EXPORT HRESULT WINAPI CimReadFile(PCWSTR imagePath, PCWSTR filePath, UINT64 offset,
                                      void* buffer, UINT64 bufferSize, UINT64* bytesRead,
                                      UINT64* bytesRemaining);

/* What is known of a file; NumberOfLinks is 1, since images do not count them. */
CIM_EXPORT HRESULT WINAPI CimGetFileStatBasicInformation(
    PCWSTR imagePath, PCWSTR filePath, struct _FILE_STAT_BASIC_INFORMATION* statInfo);

/* ---- reading: our own, in cimlib and not in cimfs.dll ---- */

typedef struct CIMLIB_IMAGE_HANDLE__* CIMLIB_IMAGE_HANDLE;
typedef struct CIMLIB_STREAM_HANDLE__* CIMLIB_STREAM_HANDLE;
typedef struct CIMLIB_LISTING_HANDLE__* CIMLIB_LISTING_HANDLE;

typedef struct CIMLIB_FILE_INFORMATION {
  UINT32 FileId; /* the same for all names of a file; from 1 on */
  UINT32 Attributes;
  INT64 FileSize; /* 0 for a directory */
  LARGE_INTEGER CreationTime;
  LARGE_INTEGER LastWriteTime;
  LARGE_INTEGER ChangeTime;
  LARGE_INTEGER LastAccessTime;
  UINT32 SecurityDescriptorSize;
  UINT32 ReparseTag; /* 0 if it is no reparse point */
  UINT32 ReparseDataSize;
  UINT32 EaBufferSize;
  UINT32 StreamCount; /* alternate streams */
  UINT32 Reserved;
} CIMLIB_FILE_INFORMATION;

typedef struct CIMLIB_ENTRY {
  UINT32 FileId;     /* of a directory's entry; of a stream: the file that has it */
  UINT32 Reserved;   /* 0 */
  INT64 Size;        /* of a stream; 0 for a directory's entry */
  UINT16 NameLength; /* UTF-16 units, without the NUL */
  WCHAR Name[256];   /* ends with a NUL */
} CIMLIB_ENTRY;

typedef enum CIMLIB_METADATA {
  CIMLIB_SECURITY_DESCRIPTOR = 1,
  CIMLIB_REPARSE_DATA = 2,
  CIMLIB_EXTENDED_ATTRIBUTES = 3
} CIMLIB_METADATA;

/* Opens an image for reading.
 *
 *   ERROR_PATH_NOT_FOUND, ERROR_FILE_NOT_FOUND  the directory or the image is missing */
CIM_EXPORT HRESULT WINAPI CimlibOpenImage(PCWSTR imageContainingPath, PCWSTR imageName,
                                          CIMLIB_IMAGE_HANDLE* imageHandle);
/* What was opened through the image lives on. */
CIM_EXPORT HRESULT WINAPI CimlibCloseImage(CIMLIB_IMAGE_HANDLE imageHandle);

/* The id of a file or directory; names are compared without regard to case, links not followed.
 * Here and below:
 *
 *   ERROR_FILE_NOT_FOUND  it is missing
 *   ERROR_PATH_NOT_FOUND  a directory above it is missing */
CIM_EXPORT HRESULT WINAPI CimlibFind(CIMLIB_IMAGE_HANDLE imageHandle, PCWSTR imageRelativePath,
                                     UINT32* fileId);

CIM_EXPORT HRESULT WINAPI CimlibGetFileInformation(CIMLIB_IMAGE_HANDLE imageHandle,
                                                   PCWSTR imageRelativePath,
                                                   CIMLIB_FILE_INFORMATION* information);

/* Copies metadata into a buffer and tells their size, 0 if there are none.
 *
 *   ERROR_INSUFFICIENT_BUFFER  the buffer is too small; the size is told. It may be null if its
 *                              size is 0. */
CIM_EXPORT HRESULT WINAPI CimlibGetMetadata(CIMLIB_IMAGE_HANDLE imageHandle,
                                            PCWSTR imageRelativePath, CIMLIB_METADATA kind,
                                            void* buffer, UINT32 bufferSize, UINT32* size);

/* The entries of a directory, or the alternate streams of a file or directory.
 *
 *   E_INVALIDARG  also for a directory that is a file */
CIM_EXPORT HRESULT WINAPI CimlibListDirectory(CIMLIB_IMAGE_HANDLE imageHandle,
                                              PCWSTR imageRelativePath,
                                              CIMLIB_LISTING_HANDLE* listingHandle);
CIM_EXPORT HRESULT WINAPI CimlibListStreams(CIMLIB_IMAGE_HANDLE imageHandle,
                                            PCWSTR imageRelativePath,
                                            CIMLIB_LISTING_HANDLE* listingHandle);
/* S_FALSE, and an empty name, at the end. Two threads on one listing get different entries. */
CIM_EXPORT HRESULT WINAPI CimlibNextEntry(CIMLIB_LISTING_HANDLE listingHandle, CIMLIB_ENTRY* entry);
CIM_EXPORT HRESULT WINAPI CimlibCloseListing(CIMLIB_LISTING_HANDLE listingHandle);

/* The bytes of a file or of `file:stream`. `size` may be null.
 *
 *   E_INVALIDARG  also for a directory */
CIM_EXPORT HRESULT WINAPI CimlibOpenStream(CIMLIB_IMAGE_HANDLE imageHandle,
                                           PCWSTR imageRelativePath,
                                           CIMLIB_STREAM_HANDLE* streamHandle, UINT64* size);
/* Fills the buffer from `offset` on as far as the stream goes; at its end 0 bytes are read. */
CIM_EXPORT HRESULT WINAPI CimlibReadStream(CIMLIB_STREAM_HANDLE streamHandle, UINT64 offset,
                                           void* buffer, UINT32 bufferSize, UINT32* bytesRead);
CIM_EXPORT HRESULT WINAPI CimlibCloseStream(CIMLIB_STREAM_HANDLE streamHandle);

/* Where a volume's files are: `\\?\Volume{GUID}\` on Windows, a directory elsewhere. Nothing needs
 * to be mounted there. `length` is told in units, without the NUL that is written behind it.
 *
 *   ERROR_INSUFFICIENT_BUFFER  as above */
CIM_EXPORT HRESULT WINAPI CimlibGetVolumePath(const GUID* volumeId, WCHAR* buffer,
                                              UINT32 bufferUnits, UINT32* length);

#ifdef __cplusplus
}
#endif
/* NOLINTEND */
