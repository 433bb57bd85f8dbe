// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT

// Builds the metadata image with which the kernel serves an image, as `cim mount --backend erofs`
// does before it mounts.
//
//   erofs_image IMAGE CACHE

#include <cstdio>
#include <exception>
#include <filesystem>

#include "cimlib/image.h"

#include "mount/erofs/cache.h"

int main(int argc, char** argv) {
  try {
    if (argc != 3) {
      std::fputs("usage: erofs_image IMAGE CACHE\n", stderr);
      return 2;
    }
    const cim::Image image(std::filesystem::absolute(argv[1]));
    cim::mount::erofs::find_or_build(image, {}, argv[2], {});
    return 0;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "erofs_image: %s\n", error.what());
    return 1;
  }
}
