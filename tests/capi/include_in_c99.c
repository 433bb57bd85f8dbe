/* Copyright (c) 2026 The cimlib authors
 * SPDX-License-Identifier: MIT */
#include <cimlib/cimfs.h>
#include <cimlib/hives.h>
#include <cimlib/layers.h>

/* A use of the types, in C99. */
HRESULT delete_everything(CIMFS_IMAGE_HANDLE image);

HRESULT delete_everything(CIMFS_IMAGE_HANDLE image) {
  static const WCHAR files[] = {'F', 'i', 'l', 'e', 's', 0};
  return CimDeletePath(image, files);
}
