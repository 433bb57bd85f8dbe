// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT

// mounts IMAGE.cim CONTAINER: mounts an image for a container, lists the root and all mounts, and
// unmounts it.

#include <filesystem>
#include <iostream>

#include <cimlib/error.h>
#include <cimlib/layer_mount.h>
#include <cimlib/mount.h>

int main(int count, char** arguments) try {
  if (count != 3) {
    return 2;
  }
  const auto root = cim::layer::mount(arguments[1], arguments[2]);  // returns when it is usable
  for (const auto& entry : std::filesystem::directory_iterator(root)) {
    std::cout << entry.path().filename().string() << '\n';
  }
  for (const cim::mount::ActiveMount& mount : cim::mount::list()) {
    std::cout << mount.image.string() << " on " << mount.mount_point.string() << '\n';
  }
  cim::layer::unmount(arguments[1], arguments[2]);
  return 0;
} catch (const cim::Error& error) {
  std::cerr << error.what() << '\n';
  return 1;
}
