// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT

// The input is a tar. If an image can be created from it, a check of the image must find nothing,
// and the tar to which it is exported must give an equal image.

#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <span>

#include "cimlib/check.h"
#include "cimlib/diff.h"
#include "cimlib/error.h"
#include "cimlib/image_tar.h"

#include "temporary_directory.h"

namespace {

void require(bool condition) {
  if (!condition) {
    std::abort();
  }
}

cim::TarImageOptions options() {
  cim::TarImageOptions options;
  options.limits.size = std::uint64_t{1} << 24;
  options.limits.entries = 1000;
  return options;
}

// Returns false for names that a tar cannot have.
bool was_exported(const std::filesystem::path& image, const std::filesystem::path& tar) {
  try {
    cim::export_image(cim::Image(image), tar);
    return true;
  } catch (const cim::Error& error) {
    require(error.code() == cim::ErrorCode::kUnsupported);
    return false;
  }
}

void examine(const std::filesystem::path& directory) {
  const auto image = directory / "image.cim";
  const auto tar = directory / "image.tar";
  require(cim::check(image, {.depth = cim::CheckDepth::kDeep}).is_clean());
  if (was_exported(image, tar)) {
    const auto copy = directory / "copy.cim";
    cim::create_image_from_tar(copy, tar, options());
    require(cim::diff(image, copy, {}, [](const auto&) { return true; }).is_same());
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const cim::test::TemporaryDirectory directory;
  try {
    cim::create_image_from_tar(
        directory.path() / "image.cim",
        cim::ByteSource::memory(std::as_bytes(std::span(data, size)), "input"), options());
  } catch (const cim::Error&) {
    require(std::filesystem::is_empty(directory.path()));
    return 0;  // most inputs should be rejected
  }
  examine(directory.path());
  return 0;
}
