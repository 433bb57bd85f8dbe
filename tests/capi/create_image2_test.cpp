// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
// Newer callers expect more than the documented functions: flags, results of closing, and the text
// of an error.
#include <array>
#include <fstream>
#include <string>

#include <gtest/gtest.h>

#include "cimlib/cimfs.h"
#include "cimlib/wtf8.h"

#include "capi/capi_test.h"
#include "capi/consistent_image.h"

namespace cim::test {
namespace {

using CimCreateImage2Test = CapiTest;
using ClosingTest = CapiTest;
using ErrorTextTest = CapiTest;

/// The functions of this program.
struct LinkedApi {
  using Handle = CIMFS_IMAGE_HANDLE;
  using Stream = CIMFS_STREAM_HANDLE;
  using Metadata = CIMFS_FILE_METADATA;
  using Text = Wide;

  decltype(&CimCreateImage2) create_image = CimCreateImage2;
  decltype(&CimCreateFile) create_file = CimCreateFile;
  decltype(&CimCreateAlternateStream) create_alternate_stream = CimCreateAlternateStream;
  decltype(&CimWriteStream) write_stream = CimWriteStream;
  decltype(&CimCloseStream) close_stream = CimCloseStream;
  decltype(&CimCreateHardLink) create_hard_link = CimCreateHardLink;
  decltype(&CimDeletePath) delete_path = CimDeletePath;
  decltype(&CimCommitImage) commit_image = CimCommitImage;
  decltype(&CimCloseImage) close_image = CimCloseImage;
};

std::string error_text() {
  std::array<WCHAR, 1024> text{};
  UINT32 length = 0;
  EXPECT_RESULT(CimlibGetErrorText(text.data(), text.size(), &length), S_OK);
  return to_wtf8(std::u16string(text.begin(), text.begin() + length));
}

TEST_F(CimCreateImage2Test, MakesTheSameFilesOnEverySystemIfConsistent) {
  write_consistent_image(LinkedApi(), path());
  EXPECT_EQ(digest_of_files(path()), kConsistentDigest);
}

TEST_F(CimCreateImage2Test, RefusesBlockAndUnknownFlags) {
  CIMFS_IMAGE_HANDLE image = nullptr;
  const auto create_with = [&](UINT32 flags) {
    return CimCreateImage2(folder(), flags, nullptr, "a.cim"_w, &image);
  };
  for (const UINT32 flag : {4U, 8U, 0x40U, 0x44U}) {
    EXPECT_RESULT(create_with(flag), win32(ERROR_NOT_SUPPORTED)) << flag;
  }
  for (const UINT32 flag : {0x20U, 0x80U, 0x8000'0000U, 0x84U}) {
    EXPECT_RESULT(create_with(flag), E_INVALIDARG) << flag;
  }
  EXPECT_EQ(image, nullptr);
  ASSERT_RESULT(create_with(0x13), S_OK);
  EXPECT_RESULT(CimCloseImage(image), S_OK);
}

TEST_F(CimCreateImage2Test, IgnoresTheSizeOfADirectory) {
  const auto image = create("a.cim");
  auto metadata = directory();
  for (const std::int64_t size : {std::int64_t{4096}, std::int64_t{-1}, std::int64_t{1} << 60}) {
    metadata.FileSize = size;
    CIMFS_STREAM_HANDLE stream = nullptr;
    ASSERT_RESULT(CimCreateFile(image, "dir"_w, &metadata, &stream), S_OK);
    EXPECT_RESULT(CimCloseStream(stream), S_OK);
  }
  commit(image);
}

TEST_F(ClosingTest, ReportsHandlesThatAreNotOpen) {
  const auto image = create("a.cim");
  const auto metadata = file_of(0);
  CIMFS_STREAM_HANDLE stream = nullptr;
  ASSERT_RESULT(CimCreateFile(image, "file"_w, &metadata, &stream), S_OK);
  EXPECT_RESULT(CimCloseStream(nullptr), E_HANDLE);
  EXPECT_RESULT(CimCloseImage(nullptr), E_HANDLE);
  EXPECT_RESULT(CimCloseStream(stream), S_OK);
  EXPECT_RESULT(CimCloseStream(stream), E_HANDLE);
  EXPECT_RESULT(CimCloseImage(image), S_OK);
  EXPECT_RESULT(CimCloseImage(image), E_HANDLE);
}

TEST_F(ErrorTextTest, NamesTheFile) {
  std::ofstream(path() / "broken.cim") << "not an image";
  CIMLIB_IMAGE_HANDLE image = nullptr;
  EXPECT_RESULT(CimlibOpenImage(folder(), "broken.cim"_w, &image), win32(ERROR_FILE_CORRUPT));
  EXPECT_NE(error_text().find("broken.cim"), std::string::npos) << error_text();
}

TEST_F(ErrorTextTest, IsEmptyIfTheResultSaysAll) {
  EXPECT_RESULT(CimCommitImage(nullptr), E_INVALIDARG);
  EXPECT_EQ(error_text(), "");
}

TEST_F(ErrorTextTest, IsKeptByAFailureToReadIt) {
  std::ofstream(path() / "broken.cim") << "not an image";
  CIMLIB_IMAGE_HANDLE image = nullptr;
  EXPECT_RESULT(CimlibOpenImage(folder(), "broken.cim"_w, &image), win32(ERROR_FILE_CORRUPT));
  const std::string text = error_text();
  UINT32 length = 0;
  EXPECT_RESULT(CimlibGetErrorText(nullptr, 0, &length), win32(ERROR_INSUFFICIENT_BUFFER));
  EXPECT_EQ(length, to_utf16(text)->size());
  EXPECT_RESULT(CimlibGetErrorText(nullptr, 9999, &length), E_POINTER);
  EXPECT_RESULT(CimlibGetErrorText(nullptr, 0, nullptr), E_POINTER);
  EXPECT_EQ(error_text(), text);
}

}  // namespace
}  // namespace cim::test
