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

#include "cimlib/cimfs_read.h"
#include "cimlib/cimfs_types.h"
#include "cimlib/export.h"

/* NOLINTBEGIN: the names, the macros and the order of declarations are those of Windows and C. */
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

/* Returns the path of a volume: `\\?\Volume{GUID}\` on Windows, a directory elsewhere. No image
 * needs to be mounted there. `length` is in UTF-16 units and excludes the terminating NUL.
 *
 *   ERROR_INSUFFICIENT_BUFFER  as for CimlibGetErrorText() */
CIM_EXPORT HRESULT WINAPI CimlibGetVolumePath(const GUID* volumeId, WCHAR* buffer,
                                              UINT32 bufferUnits, UINT32* length);

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
 *   ERROR_INSUFFICIENT_BUFFER  the buffer is too small; `length` is the length needed. `buffer` may
 *                              be null if `bufferUnits` is 0. */
CIM_EXPORT HRESULT WINAPI CimlibGetErrorText(WCHAR* buffer, UINT32 bufferUnits, UINT32* length);

#ifdef __cplusplus
}
#endif
/* NOLINTEND */
