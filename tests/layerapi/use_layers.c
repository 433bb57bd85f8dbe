/* Copyright (c) 2026 The cimlib authors
 * SPDX-License-Identifier: MIT
 *
 * Uses the C API of layers, from C, in the store given. Ends with 0 if all answers were as they
 * should be. */
#include <cimlib/layers.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int failures = 0;

static void expect(const char* what, HRESULT result, HRESULT wanted) {
  if (result != wanted) {
    char text[512];
    size_t length = 0;
    (void)CimlibGetErrorTextUtf8(text, sizeof text, &length);
    printf("%s: %08lx, and not %08lx: %s\n", what, (unsigned long)(UINT32)result,
           (unsigned long)(UINT32)wanted, text);
    ++failures;
  }
}

static void expect_true(const char* what, int is_so) {
  if (!is_so) {
    printf("%s\n", what);
    ++failures;
  }
}

/* A tar with one directory, in memory. */
typedef struct Tar {
  unsigned char bytes[1536];
  size_t at;
} Tar;

static void make_tar(Tar* tar, const char* directory) {
  unsigned sum = 0;
  size_t i = 0;
  memset(tar, 0, sizeof *tar);
  snprintf((char*)tar->bytes, 100, "%s", directory);
  memcpy(tar->bytes + 124, "00000000000", 11);
  memcpy(tar->bytes + 136, "00000000000", 11);
  memset(tar->bytes + 148, ' ', 8);
  tar->bytes[156] = '5';
  memcpy(tar->bytes + 257, "ustar\00000", 8);
  for (; i < 512; ++i) {
    sum += tar->bytes[i];
  }
  snprintf((char*)tar->bytes + 148, 8, "%06o", sum);
}

static INT64 WINAPI read_tar(void* context, void* buffer, size_t size) {
  Tar* const tar = (Tar*)context;
  const size_t left = sizeof tar->bytes - tar->at;
  const size_t count = left < size ? left : size;
  memcpy(buffer, tar->bytes + tar->at, count);
  tar->at += count;
  return (INT64)count;
}

static void WINAPI count_warning(void* context, const char* text) {
  *(int*)context += text[0] != '\0';
}

static void use_layers(const char* store) {
  char base_directory[1024];
  char top_directory[1024];
  char image[1024];
  char buffer[4096];
  size_t length = 0;
  UINT32 number = 0;
  int warnings = 0;
  Tar tar;
  CIMLIB_LAYER base = {0};
  CIMLIB_LAYER top = {0};
  CIMLIB_IMPORT_OPTIONS options = {.StructSize = sizeof options};
  CIMLIB_IMPORT_RESULT result = {.StructSize = sizeof result};
  CIMLIB_LAYER_USAGE usage = {.StructSize = sizeof usage};
  const char* parents[1];

  snprintf(base_directory, sizeof base_directory, "%s/base", store);
  snprintf(top_directory, sizeof top_directory, "%s/top", store);
  snprintf(image, sizeof image, "%s/cim-layers/base.cim", store);
  base.Directory = base_directory;
  top.Directory = top_directory;
  base.Image = image;
  (void)CimlibDestroyLayer(&top, 0, NULL); /* of the last run */
  (void)CimlibDestroyLayer(&base, 0, NULL);

  options.Warning = count_warning;
  options.WarningContext = &warnings;
  options.Flags = CIMLIB_IMPORT_REPRODUCIBLE | CIMLIB_IMPORT_ZERO_TIMES;
  make_tar(&tar, "Files");
  expect("import", CimlibImportLayer(read_tar, &tar, &base, NULL, 0, &options, &result), S_OK);
  expect_true("the size of the tar", result.TarSize == sizeof tar.bytes);
  expect_true("its digest", strncmp(result.DiffId, "sha256:", 7) == 0);
  expect_true("a warning about the hives", warnings == 1);
  tar.at = 0;
  expect("import a child", CimlibImportLayer(read_tar, &tar, &top, &base, 1, NULL, NULL), S_OK);
  expect("usage", CimlibGetLayerUsage(&top, &usage), S_OK);
  expect_true("files of its own and of its parent", usage.Inodes > 1 && usage.SharedInodes > 0);

  parents[0] = base_directory;
  expect("write the chain", CimlibWriteLayerChain(&top, parents, 1), S_OK);
  expect("read the chain",
         CimlibReadLayerChain(top_directory, buffer, sizeof buffer, &length, &number), S_OK);
  expect_true("one parent", number == 1 && length == strlen(buffer) + 1);

  expect("remove a parent", CimlibDestroyLayer(&base, 0, &number),
         HRESULT_FROM_WIN32(ERROR_SHARING_VIOLATION));
  expect("remove the child", CimlibDestroyLayer(&top, 0, &number), S_OK);
  expect_true("which was there", number == 1);
  expect("remove the base's image", CimlibDestroyImage(image, 0, &number), S_OK);
  expect_true("which was there, too", number == 1);
  expect("remove what is left", CimlibDestroyLayer(&base, 0, NULL), S_OK);
}

int main(int argc, char** argv) {
  if (argc != 2) {
    fprintf(stderr, "use: %s STORE\n", argv[0]);
    return 2;
  }
  use_layers(argv[1]);
  printf(failures == 0 ? "all as it should be\n" : "%d failures\n", failures);
  return failures == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
