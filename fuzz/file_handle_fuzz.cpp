// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT

// Values of the attribute trusted.overlay.origin: file handles of overlayfs. A handle that leads to
// a file of the image names it in the one way that overlayfs writes.

#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <memory>
#include <span>

#include "cimlib/image.h"

#include "image/sample_image.h"
#include "layer/commit/upper_entry.h"
#include "temporary_directory.h"

namespace {

constexpr std::size_t kHandleSize = 33;
constexpr std::size_t kInodeAt = 25;
constexpr std::uint32_t kRoot = 1;

// The image is in memory once it is open.
const cim::Image& image() {
  static const cim::test::TemporaryDirectory directory;
  static const cim::Image opened = [] {
    const auto path = directory.path() / "image.cim";
    cim::test::write_sample_image(path);
    return cim::Image(path);
  }();
  return opened;
}

std::uint32_t inode_in(cim::ByteView handle) {
  std::uint32_t inode = 0;
  std::memcpy(&inode, handle.data() + kInodeAt, sizeof inode);
  return inode;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const cim::ByteView handle = std::as_bytes(std::span(data, size));
  const auto file = cim::layer::file_of_handle(handle, image());
  if (!file) {
    return 0;
  }
  const std::uint32_t inode = size == kHandleSize ? inode_in(handle) : 0;
  const bool is_named = *file == image().root() ? inode == kRoot
                        : *file == kRoot        ? inode == image().root()
                                                : inode == *file;
  if (!is_named || *file == 0 || *file > image().max_file_id()) {
    std::abort();
  }
  return 0;
}
