/* Copyright (c) 2026 The cimlib authors
 * SPDX-License-Identifier: MIT */
#pragma once

/* The C API, also for programs written for cimfs.dll or cimwriter.dll.
 *
 * The functions Cim... are those of Windows, with the names, types, results and calling convention
 * of its documentation (https://learn.microsoft.com/windows/win32/api/cimfs/), or, where that does
 * not list them, of hcsshim (https://github.com/microsoft/hcsshim, pkg/cimfs). The functions
 * Cimlib... are additions of cimlib and follow the same conventions:
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
 * Strings are UTF-16 and NUL-terminated. On systems other than Windows, host paths are converted to
 * UTF-8. Names in an image path may be separated by `\` or `/`. Sizes and offsets are in bytes,
 * times are FILETIMEs.
 *
 * Results. S_OK is success; every failure is negative. Besides the results documented at each
 * function:
 *
 *   E_INVALIDARG   a handle that is null, closed, invalid or of another kind; a null or too long
 *                  string; an impossible path; a malformed structure
 *   E_POINTER      a null pointer to a result or a buffer
 *   E_OUTOFMEMORY  out of memory
 *   E_ACCESSDENIED permission denied by the system
 *   HRESULT_FROM_WIN32 of
 *     ERROR_DISK_FULL          no space is left
 *     ERROR_FILE_CORRUPT       an image violates the format
 *     ERROR_NOT_SUPPORTED      an image kind that is not handled; a function not available here
 *     ERROR_FILE_TOO_LARGE     a limit of the format is exceeded
 *     ERROR_IO_DEVICE          the system failed to read or to write
 *
 * A function that fails sets its output handle or count to zero. CimlibGetErrorText() says in words
 * why it failed.
 *
 * Threads. Any function may be called from any thread at any time. Calls on one image that is being
 * written are serialized; reading is concurrent. A handle that is closed while another thread uses
 * it is freed when that call ends. Handles not closed when the process ends are lost; files of an
 * uncommitted image are then removed by `cim gc`, as after a crash.
 *
 * Ownership. Every handle must be closed by the function of its kind. Buffers are read or written
 * during the call only. */

#include "cimlib/export.h"

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

#ifdef __cplusplus
extern "C" {
#endif

/* Opaque; not pointers to anything. */
typedef struct CIMFS_IMAGE_HANDLE__* CIMFS_IMAGE_HANDLE;
typedef struct CIMFS_STREAM_HANDLE__* CIMFS_STREAM_HANDLE;

/* How to mount an image, or to open it for reading. */
typedef enum CIM_MOUNT_IMAGE_FLAGS {
  CIM_MOUNT_IMAGE_NONE = 0x0,
  CIM_MOUNT_CHILD_ONLY = 0x1, /* not supported by cimlib's own mounts */
  CIM_MOUNT_ENABLE_DAX = 0x2, /* these three are hints, which cimlib accepts and ignores */
  CIM_MOUNT_CACHE_FILES = 0x4,
  CIM_MOUNT_CACHE_REGIONS = 0x8,
  CIM_MOUNT_BLOCK_DEVICE = 0x10, /* these three are for images that cimlib does not read */
  CIM_MOUNT_SINGLE_FILE = 0x20,
  CIM_MOUNT_VERIFIED = 0x80,
  CIMLIB_ANY_MOUNT_FLAGS = 0x7FFFFFFF /* not a flag: gives the type the range of a 32-bit integer */
} CIM_MOUNT_IMAGE_FLAGS;

/* How to write an image. */
typedef enum CIM_CREATE_IMAGE_FLAGS {
  CIM_CREATE_IMAGE_NONE = 0x0,
  CIM_CREATE_IMAGE_NO_PE_EXPANSION = 0x1,   /* stores executables unchanged */
  CIM_CREATE_IMAGE_FIXED_SIZE_CHUNKS = 0x2, /* a hint about the layout, which cimlib ignores */
  CIM_CREATE_IMAGE_BLOCK_DEVICE = 0x4,      /* not supported */
  CIM_CREATE_IMAGE_SINGLE_FILE = 0x8,       /* not supported */
  CIM_CREATE_IMAGE_CONSISTENT = 0x10,       /* the same calls make the same bytes */
  CIM_CREATE_IMAGE_VERIFIED = 0x40,         /* not supported */
  CIMLIB_ANY_CREATE_FLAGS = 0x7FFFFFFF      /* as CIMLIB_ANY_MOUNT_FLAGS */
} CIM_CREATE_IMAGE_FLAGS;

/* An image of a merged mount. */
typedef struct CIMFS_IMAGE_PATH {
  PCWSTR ImageContainingPath;
  PCWSTR ImageName;
} CIMFS_IMAGE_PATH;

/* Metadata of a new file or directory. The order of the times differs from FILE_BASIC_INFO. A
 * buffer of size 0 means none; a file without a security descriptor gets one without owner and
 * access control. */
typedef struct _CIMFS_FILE_METADATA {
  UINT32 Attributes; /* FILE_ATTRIBUTE_...; REPARSE_POINT is ignored, the buffer decides */
  INT64 FileSize;    /* bytes, below 2^48; ignored for a directory */
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

/* Starts writing the image `newImageName`, or, if that is NULL, a replacement of the existing
 * image. `existingImageName` is the image to start from; NULL starts from an empty image.
 *
 *   ERROR_PATH_NOT_FOUND     the directory does not exist
 *   ERROR_FILE_NOT_FOUND     the existing image does not exist
 *   ERROR_FILE_EXISTS        another image has the new name
 *   ERROR_SHARING_VIOLATION  another writer is active in the directory */
CIM_EXPORT HRESULT WINAPI CimCreateImage(PCWSTR imageContainingPath, PCWSTR existingImageName,
                                         PCWSTR newImageName, CIMFS_IMAGE_HANDLE* cimImageHandle);

/* The same with CIM_CREATE_IMAGE_... flags.
 *
 *   E_INVALIDARG         also for an unknown flag
 *   ERROR_NOT_SUPPORTED  a block, single-file or verified image */
CIM_EXPORT HRESULT WINAPI CimCreateImage2(PCWSTR imageContainingPath, UINT32 flags,
                                          PCWSTR existingImageName, PCWSTR newImageName,
                                          CIMFS_IMAGE_HANDLE* cimImageHandle);

/* Adds or replaces a file or directory. A directory that replaces a directory keeps its entries.
 * Ranges of a file that are never written read as zeros.
 *
 *   ERROR_PATH_NOT_FOUND     the parent directory does not exist
 *   ERROR_SHARING_VIOLATION  a stream of this image is open */
CIM_EXPORT HRESULT WINAPI CimCreateFile(CIMFS_IMAGE_HANDLE cimImageHandle, PCWSTR imageRelativePath,
                                        const CIMFS_FILE_METADATA* fileMetadata,
                                        CIMFS_STREAM_HANDLE* cimStreamHandle);

/* Adds or replaces an alternate stream, as in `dir\file:stream`; `:$DATA` may follow.
 *
 *   ERROR_PATH_NOT_FOUND     the file or directory does not exist
 *   ERROR_SHARING_VIOLATION  a stream of this image is open */
CIM_EXPORT HRESULT WINAPI CimCreateAlternateStream(CIMFS_IMAGE_HANDLE cimImageHandle,
                                                   PCWSTR imageRelativePath, UINT64 streamSize,
                                                   CIMFS_STREAM_HANDLE* cimStreamHandle);

/* Appends bytes to a stream.
 *
 *   E_INVALIDARG      also for the handle of a directory
 *   ERROR_HANDLE_EOF  the stream's size is exceeded; the bytes that fit are written */
CIM_EXPORT HRESULT WINAPI CimWriteStream(CIMFS_STREAM_HANDLE cimStreamHandle, const void* buffer,
                                         UINT32 bufferSize);

/* Closes a stream. Reports a write that was deferred and failed; then the commit fails, too.
 * (Windows' header declares no result. hcsshim reads one.)
 *
 *   E_HANDLE  an invalid handle */
CIM_EXPORT HRESULT WINAPI CimCloseStream(CIMFS_STREAM_HANDLE cimStreamHandle);

/* Adds another name for a file, replacing a file of that name.
 *
 *   ERROR_PATH_NOT_FOUND     the existing file or the directory of the new name does not exist
 *   E_ACCESSDENIED           either path is a directory
 *   ERROR_SHARING_VIOLATION  a stream of this image is open */
CIM_EXPORT HRESULT WINAPI CimCreateHardLink(CIMFS_IMAGE_HANDLE cimImageHandle,
                                            PCWSTR imageRelativePath,
                                            PCWSTR existingImageRelativePath);

/* Removes a name, an alternate stream, or a directory with everything below it.
 *
 *   ERROR_PATH_NOT_FOUND     the path does not exist
 *   ERROR_SHARING_VIOLATION  a stream of this image is open */
CIM_EXPORT HRESULT WINAPI CimDeletePath(CIMFS_IMAGE_HANDLE cimImageHandle,
                                        PCWSTR imageRelativePath);

/* Makes the image durable and publishes it under its name. Before that, no part of it is visible;
 * afterwards the handle can only be closed.
 *
 *   ERROR_SHARING_VIOLATION  a stream is open, or the image to be replaced is mounted */
CIM_EXPORT HRESULT WINAPI CimCommitImage(CIMFS_IMAGE_HANDLE cimImageHandle);

/* Closes an image and, without a commit, discards everything written. If a stream is open, this
 * happens when it is closed. (Windows' header declares no result; newer callers read one.)
 *
 *   E_HANDLE  an invalid handle */
CIM_EXPORT HRESULT WINAPI CimCloseImage(CIMFS_IMAGE_HANDLE cimImageHandle);

/* ---- block, merged and verified images: not supported, since their form is not public ----
 *
 * All of these check their arguments first (E_INVALIDARG, E_POINTER; ERROR_FILE_NOT_FOUND for a
 * missing block image) and then return ERROR_NOT_SUPPORTED. */

/* Adds an image to a merged image: ERROR_NOT_SUPPORTED. */
CIM_EXPORT HRESULT WINAPI CimAddFsToMergedImage(CIMFS_IMAGE_HANDLE cimImageHandle,
                                                PCWSTR imagePath);
CIM_EXPORT HRESULT WINAPI CimAddFsToMergedImage2(CIMFS_IMAGE_HANDLE cimImageHandle,
                                                 PCWSTR imagePath, UINT32 flags);
/* Hides a file of the images below in a merged image: ERROR_NOT_SUPPORTED. */
CIM_EXPORT HRESULT WINAPI CimTombstoneFile(CIMFS_IMAGE_HANDLE cimImageHandle,
                                           PCWSTR imageRelativePath);
/* Links to a file of the images below in a merged image: ERROR_NOT_SUPPORTED. */
CIM_EXPORT HRESULT WINAPI CimCreateMergeLink(CIMFS_IMAGE_HANDLE cimImageHandle,
                                             PCWSTR imageRelativePath,
                                             PCWSTR existingImageRelativePath);
/* Makes a block image verifiable: ERROR_NOT_SUPPORTED. */
CIM_EXPORT HRESULT WINAPI CimSealImage(PCWSTR blockImagePath, UINT64* hashSize,
                                       UINT64* fixedHeaderSize, void* hash);
/* Reads what a block image was sealed with: ERROR_NOT_SUPPORTED. */
CIM_EXPORT HRESULT WINAPI CimGetVerificationInformation(PCWSTR blockImagePath, UINT32* isSealed,
                                                        UINT64* hashSize, UINT64* signatureSize,
                                                        UINT64* fixedHeaderSize, void* hash,
                                                        void* signature);

/* ---- mounting ---- */

/* Mounts an image as a volume; CimlibGetVolumePath() returns the volume's path. On Linux a separate
 * process serves it through FUSE until it is dismounted. That process is forked from the caller's,
 * whose other threads should hold no locks then. On Windows the call is passed to the system's
 * cimfs.dll.
 *
 *   E_INVALIDARG          an unknown flag
 *   ERROR_PATH_NOT_FOUND  the directory does not exist
 *   ERROR_FILE_NOT_FOUND  the image does not exist
 *   E_ACCESSDENIED        no permission to read the image or to mount
 *   ERROR_ALREADY_EXISTS  a volume with that GUID exists
 *   ERROR_NOT_SUPPORTED   CIM_MOUNT_CHILD_ONLY; a build or a system that cannot mount */
CIM_EXPORT HRESULT WINAPI CimMountImage(PCWSTR imageContainingPath, PCWSTR imageName,
                                        CIM_MOUNT_IMAGE_FLAGS mountImageFlags,
                                        const GUID* volumeId);

/* Dismounts an image.
 *
 *   ERROR_FILE_NOT_FOUND     no image is mounted with that GUID
 *   ERROR_SHARING_VIOLATION  the volume is in use */
CIM_EXPORT HRESULT WINAPI CimDismountImage(const GUID* volumeId);

/* The mounts of merged and verified images, and the conversion of a block image into one with
 * region files. On Windows they are passed to the system's cimfs.dll; elsewhere they check their
 * arguments and return ERROR_NOT_SUPPORTED. */
CIM_EXPORT HRESULT WINAPI CimMergeMountImage(UINT32 imageCount, const CIMFS_IMAGE_PATH* images,
                                             CIM_MOUNT_IMAGE_FLAGS mountImageFlags,
                                             const GUID* volumeId);
CIM_EXPORT HRESULT WINAPI CimMountVerifiedImage(PCWSTR imageContainingPath, PCWSTR imageName,
                                                CIM_MOUNT_IMAGE_FLAGS mountImageFlags,
                                                const GUID* volumeId, UINT16 hashSize,
                                                const void* hash);
CIM_EXPORT HRESULT WINAPI CimMergeMountVerifiedImage(UINT32 imageCount,
                                                     const CIMFS_IMAGE_PATH* images,
                                                     CIM_MOUNT_IMAGE_FLAGS mountImageFlags,
                                                     const GUID* volumeId, UINT16 hashSize,
                                                     const void* hash);
CIM_EXPORT HRESULT WINAPI CimConvertBlockImage(PCWSTR imageContainingPath, PCWSTR imageName,
                                               PCWSTR newImageContainingPath);

/* ---- reading: functions of Windows 11 ---- */

/* Reads bytes of a file or of `file:stream` from an image that is opened for this call only. At the
 * end of the data it returns S_OK and sets both counts to 0. `bytesRemaining` receives the number
 * of bytes after the ones that were read.
 *
 *   E_INVALIDARG                                also for a directory
 *   ERROR_PATH_NOT_FOUND, ERROR_FILE_NOT_FOUND  the image or the file does not exist */
CIM_EXPORT HRESULT WINAPI CimReadFile(PCWSTR imagePath, PCWSTR filePath, UINT64 offset,
                                      void* buffer, UINT64 bufferSize, UINT64* bytesRead,
                                      UINT64* bytesRemaining);

/* Returns the metadata of a file or directory. NumberOfLinks is always 1, because images do not
 * store link counts.
 *
 *   ERROR_PATH_NOT_FOUND, ERROR_FILE_NOT_FOUND  as for CimReadFile() */
CIM_EXPORT HRESULT WINAPI CimGetFileStatBasicInformation(
    PCWSTR imagePath, PCWSTR filePath, struct _FILE_STAT_BASIC_INFORMATION* statInfo);

/* The same with flags, of which none are public.
 *
 *   ERROR_NOT_SUPPORTED  flags other than 0 */
CIM_EXPORT HRESULT WINAPI CimReadFile2(PCWSTR imagePath, PCWSTR filePath, UINT64 offset,
                                       void* buffer, UINT64 bufferSize, UINT64* bytesRead,
                                       UINT64* bytesRemaining, UINT32 flags);
CIM_EXPORT HRESULT WINAPI CimGetFileStatBasicInformation2(
    PCWSTR imagePath, PCWSTR filePath, struct _FILE_STAT_BASIC_INFORMATION* statInfo, UINT32 flags);

/* ---- errors: not in cimfs.dll ---- */

/* Copies the description of the calling thread's last failed call, for a log or a person: it names
 * the file and what is wrong. Empty if the result says all. Calls that succeed, and this one, do
 * not change it. `length` is in UTF-16 units and excludes the terminating NUL.
 *
 *   ERROR_INSUFFICIENT_BUFFER  as for CimlibGetMetadata() */
CIM_EXPORT HRESULT WINAPI CimlibGetErrorText(WCHAR* buffer, UINT32 bufferUnits, UINT32* length);

/* ---- reading: functions of cimlib, not in cimfs.dll ---- */

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

/* Returns the path of a volume: `\\?\Volume{GUID}\` on Windows, a directory elsewhere. No image
 * needs to be mounted there. `length` is in UTF-16 units and excludes the terminating NUL.
 *
 *   ERROR_INSUFFICIENT_BUFFER  as for CimlibGetMetadata() */
CIM_EXPORT HRESULT WINAPI CimlibGetVolumePath(const GUID* volumeId, WCHAR* buffer,
                                              UINT32 bufferUnits, UINT32* length);

#ifdef __cplusplus
}
#endif
/* NOLINTEND */
