// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// A directory with images that are created through the C API.

#include <cstdint>
#include <filesystem>
#include <string_view>

#include <gtest/gtest.h>

#include "cimlib/cimfs.h"

#include "capi/wide.h"
#include "temporary_directory.h"

namespace cim::test {

inline CIMFS_FILE_METADATA file_of(std::int64_t size) {
  CIMFS_FILE_METADATA metadata{};
  metadata.FileSize = size;
  return metadata;
}

inline CIMFS_FILE_METADATA directory() {
  CIMFS_FILE_METADATA metadata{};
  metadata.Attributes = FILE_ATTRIBUTE_DIRECTORY;
  return metadata;
}

class CapiTest : public testing::Test {
 protected:
  std::filesystem::path path() const { return directory_.path(); }
  Wide folder() const { return Wide(path()); }

  /// Starts a new image.
  CIMFS_IMAGE_HANDLE create(std::string_view name) const {
    CIMFS_IMAGE_HANDLE image = nullptr;
    EXPECT_RESULT(CimCreateImage(folder(), nullptr, Wide(name), &image), S_OK);
    return image;
  }
  static void add(CIMFS_IMAGE_HANDLE image, std::string_view name,
                  const CIMFS_FILE_METADATA& metadata, std::string_view bytes = {}) {
    CIMFS_STREAM_HANDLE stream = nullptr;
    EXPECT_RESULT(CimCreateFile(image, Wide(name), &metadata, &stream), S_OK) << name;
    if (!bytes.empty()) {
      EXPECT_RESULT(CimWriteStream(stream, bytes.data(), static_cast<UINT32>(bytes.size())), S_OK);
    }
    CimCloseStream(stream);
  }
  static void add_stream(CIMFS_IMAGE_HANDLE image, std::string_view name, std::string_view bytes) {
    CIMFS_STREAM_HANDLE stream = nullptr;
    EXPECT_RESULT(CimCreateAlternateStream(image, Wide(name), bytes.size(), &stream), S_OK);
    EXPECT_RESULT(CimWriteStream(stream, bytes.data(), static_cast<UINT32>(bytes.size())), S_OK);
    CimCloseStream(stream);
  }
  static void commit(CIMFS_IMAGE_HANDLE image) {
    EXPECT_RESULT(CimCommitImage(image), S_OK);
    CimCloseImage(image);
  }

  /// Creates an image with `dir\file` ("hello", with the stream `note`) and its hard link `link`.
  void make_sample(std::string_view name) const {
    const auto image = create(name);
    add(image, "dir", directory());
    add(image, "dir\\file", file_of(5), "hello");
    add_stream(image, "dir\\file:note", "abc");
    EXPECT_RESULT(CimCreateHardLink(image, "link"_w, "dir\\file"_w), S_OK);
    commit(image);
  }

 private:
  TemporaryDirectory directory_;
};

}  // namespace cim::test
