/* Copyright (c) 2026 The cimlib authors
 * SPDX-License-Identifier: MIT
 *
 * Uses every function of the C API, from C, on images in the directory given. Ends with 0 if all
 * answers were as they should be. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cimlib/cimfs.h>

#ifdef _WIN32
#define TEXT16(text) L##text
#include <direct.h>
static int make_directory(const char* name) { return _mkdir(name); }
#else
#include <sys/stat.h>
#define TEXT16(text) u##text
static int make_directory(const char* name) { return mkdir(name, 0755); }
#endif

static int failures = 0;

static void expect(const char* what, HRESULT result, HRESULT wanted) {
  if (result != wanted) {
    printf("%s: %08lx, and not %08lx\n", what, (unsigned long)(UINT32)result,
           (unsigned long)(UINT32)wanted);
    ++failures;
  }
}

static void expect_true(const char* what, int is_so) {
  if (!is_so) {
    printf("%s\n", what);
    ++failures;
  }
}

/* ASCII paths are enough here. */
static void widen(const char* text, WCHAR* into, size_t units) {
  size_t i = 0;
  for (; text[i] != '\0' && i + 1 < units; ++i) {
    into[i] = (WCHAR)(unsigned char)text[i];
  }
  into[i] = 0;
}

static void make_image(PCWSTR directory) {
  CIMFS_IMAGE_HANDLE image;
  CIMFS_STREAM_HANDLE stream;
  CIMFS_FILE_METADATA metadata;
  memset(&metadata, 0, sizeof metadata);
  expect("create image", CimCreateImage(directory, NULL, TEXT16("base.cim"), &image), S_OK);

  metadata.Attributes = FILE_ATTRIBUTE_DIRECTORY;
  expect("create directory", CimCreateFile(image, TEXT16("Docs"), &metadata, &stream), S_OK);
  expect("write to a directory", CimWriteStream(stream, "x", 1), E_INVALIDARG);
  CimCloseStream(stream);

  metadata.Attributes = FILE_ATTRIBUTE_ARCHIVE;
  metadata.FileSize = 5;
  metadata.CreationTime.QuadPart = 1;
  metadata.LastWriteTime.QuadPart = 2;
  metadata.ChangeTime.QuadPart = 3;
  metadata.LastAccessTime.QuadPart = 4;
  expect("create file", CimCreateFile(image, TEXT16("\\Docs\\a.txt"), &metadata, &stream), S_OK);
  expect("write", CimWriteStream(stream, "hel", 3), S_OK);
  expect("write too much", CimWriteStream(stream, "lo!", 3), HRESULT_FROM_WIN32(ERROR_HANDLE_EOF));
  CimCloseStream(stream);

  expect("create stream",
         CimCreateAlternateStream(image, TEXT16("Docs\\a.txt:note"), 4, &stream), S_OK);
  expect("write stream", CimWriteStream(stream, "note", 4), S_OK);
  CimCloseStream(stream);
  expect("link", CimCreateHardLink(image, TEXT16("Docs\\b.txt"), TEXT16("Docs\\a.txt")), S_OK);
  expect("commit", CimCommitImage(image), S_OK);
  CimCloseImage(image);
}

static void fork_image(PCWSTR directory) {
  CIMFS_IMAGE_HANDLE image;
  expect("fork", CimCreateImage(directory, TEXT16("base.cim"), TEXT16("fork.cim"), &image), S_OK);
  expect("delete", CimDeletePath(image, TEXT16("Docs\\b.txt")), S_OK);
  expect("commit fork", CimCommitImage(image), S_OK);
  CimCloseImage(image);
}

static void read_metadata(CIMLIB_IMAGE_HANDLE image) {
  unsigned char descriptor[64];
  UINT32 size = 0;
  expect("ask for a size",
         CimlibGetMetadata(image, TEXT16("Docs"), CIMLIB_SECURITY_DESCRIPTOR, NULL, 0, &size),
         HRESULT_FROM_WIN32(ERROR_INSUFFICIENT_BUFFER));
  expect_true("20 bytes of descriptor", size == 20);
  expect("get it",
         CimlibGetMetadata(image, TEXT16("Docs"), CIMLIB_SECURITY_DESCRIPTOR, descriptor,
                           sizeof descriptor, &size),
         S_OK);
  expect_true("a descriptor", descriptor[0] == 1 && descriptor[3] == 0x80);
}

static void list(CIMLIB_IMAGE_HANDLE image) {
  CIMLIB_LISTING_HANDLE listing;
  CIMLIB_ENTRY entry;
  expect("list", CimlibListDirectory(image, TEXT16("Docs"), &listing), S_OK);
  expect("first", CimlibNextEntry(listing, &entry), S_OK);
  expect_true("a.txt", entry.NameLength == 5 && entry.Name[0] == 'a' && entry.Name[5] == 0);
  expect("second", CimlibNextEntry(listing, &entry), S_OK);
  expect("end", CimlibNextEntry(listing, &entry), S_FALSE);
  expect("close listing", CimlibCloseListing(listing), S_OK);

  expect("list streams", CimlibListStreams(image, TEXT16("Docs\\a.txt"), &listing), S_OK);
  expect("its stream", CimlibNextEntry(listing, &entry), S_OK);
  expect_true("note", entry.NameLength == 4 && entry.Size == 4);
  expect("close streams", CimlibCloseListing(listing), S_OK);
}

static void read_image(PCWSTR directory) {
  CIMLIB_IMAGE_HANDLE image;
  CIMLIB_STREAM_HANDLE stream;
  CIMLIB_FILE_INFORMATION information;
  char bytes[16];
  UINT64 size = 0;
  UINT32 id = 0;
  UINT32 count = 0;
  expect("open", CimlibOpenImage(directory, TEXT16("base.cim"), &image), S_OK);
  expect("find", CimlibFind(image, TEXT16("docs/B.TXT"), &id), S_OK);
  expect("stat", CimlibGetFileInformation(image, TEXT16("Docs\\a.txt"), &information), S_OK);
  expect_true("one file, two names", information.FileId == id);
  expect_true("size and streams", information.FileSize == 5 && information.StreamCount == 1);
  expect_true("times", information.CreationTime.QuadPart == 1 &&
                           information.LastWriteTime.QuadPart == 2 &&
                           information.ChangeTime.QuadPart == 3 &&
                           information.LastAccessTime.QuadPart == 4);
  read_metadata(image);
  list(image);
  expect("open stream", CimlibOpenStream(image, TEXT16("Docs\\b.txt"), &stream, &size), S_OK);
  expect("close image", CimlibCloseImage(image), S_OK);
  expect("read", CimlibReadStream(stream, 1, bytes, sizeof bytes, &count), S_OK);
  expect_true("ello", size == 5 && count == 4 && memcmp(bytes, "ello", 4) == 0);
  expect("close stream", CimlibCloseStream(stream), S_OK);
  expect("close it twice", CimlibCloseStream(stream), E_INVALIDARG);
}

static void read_as_windows_does(const char* directory) {
  char name[1024];
  WCHAR image[1024];
  char bytes[16];
  UINT64 count = 0;
  UINT64 left = 0;
  /* FILE_STAT_BASIC_INFORMATION, for systems whose headers are older than it. */
  LARGE_INTEGER stat[13];
  snprintf(name, sizeof name, "%s/fork.cim", directory);
  widen(name, image, 1024);
  expect("read file", CimReadFile(image, TEXT16("Docs\\a.txt:note"), 1, bytes, 2, &count, &left),
         S_OK);
  expect_true("ot", count == 2 && left == 1 && memcmp(bytes, "ot", 2) == 0);
  expect("stat file",
         CimGetFileStatBasicInformation(image, TEXT16("Docs\\a.txt"),
                                        (struct _FILE_STAT_BASIC_INFORMATION*)stat),
         S_OK);
  expect_true("end of file", stat[6].QuadPart == 5);
  expect("gone from the fork",
         CimReadFile(image, TEXT16("Docs\\b.txt"), 0, bytes, 2, &count, &left),
         HRESULT_FROM_WIN32(ERROR_FILE_NOT_FOUND));
}

static void mount_image(PCWSTR directory) {
  static const GUID kVolume = {
      0x6b1f4a52, 0x7c11, 0x4d0e, {0x9b, 0x55, 0x31, 0x8a, 0x02, 0xc4, 0x5e, 0x7d}};
  WCHAR path[256];
  UINT32 length = 0;
  HRESULT result = CimMountImage(directory, TEXT16("base.cim"), CIM_MOUNT_IMAGE_NONE, &kVolume);
  if (FAILED(result)) { /* no right to, or no FUSE here */
    printf("not mounted: %08lx\n", (unsigned long)(UINT32)result);
    expect("dismount nothing", CimDismountImage(&kVolume),
           HRESULT_FROM_WIN32(ERROR_FILE_NOT_FOUND));
    return;
  }
  expect("volume path", CimlibGetVolumePath(&kVolume, path, 256, &length), S_OK);
  expect_true("which has the GUID", length > 38);
  expect("dismount", CimDismountImage(&kVolume), S_OK);
}

int main(int argc, char** argv) {
  WCHAR directory[1024];
  if (argc != 2) {
    fprintf(stderr, "use: %s DIRECTORY\n", argv[0]);
    return 2;
  }
  (void)make_directory(argv[1]);
  {
    static const char* const kLeft[] = {"base.cim", "fork.cim"};
    char name[1024];
    size_t i = 0;
    for (; i < 2; ++i) { /* of the last run */
      snprintf(name, sizeof name, "%s/%s", argv[1], kLeft[i]);
      (void)remove(name);
    }
  }
  widen(argv[1], directory, 1024);
  make_image(directory);
  fork_image(directory);
  read_image(directory);
  read_as_windows_does(argv[1]);
  mount_image(directory);
  printf(failures == 0 ? "all as it should be\n" : "%d failures\n", failures);
  return failures == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
