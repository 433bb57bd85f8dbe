// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include <algorithm>
#include <array>
#include <cstring>
#include <fstream>
#include <string>
#include <string_view>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cimlib/cimfs.h"

#include "capi/capi_test.h"

namespace cim::test {
namespace {

class ReadTest : public CapiTest {
 protected:
  ReadTest() {
    make_sample("a.cim");
    EXPECT_RESULT(CimlibOpenImage(folder(), "a.cim"_w, &image_), S_OK);
  }
  ~ReadTest() override { CimlibCloseImage(image_); }

  CIMLIB_IMAGE_HANDLE image() const { return image_; }
  Wide whole_path() const { return Wide(path() / "a.cim"); }

 private:
  CIMLIB_IMAGE_HANDLE image_ = nullptr;
};

using CimlibOpenImageTest = ReadTest;
using CimlibFindTest = ReadTest;
using CimlibGetFileInformationTest = ReadTest;
using CimlibGetMetadataTest = ReadTest;
using CimlibListTest = ReadTest;
using CimlibOpenStreamTest = ReadTest;
using CimReadFileTest = ReadTest;

std::vector<std::string> names_of(CIMLIB_LISTING_HANDLE listing) {
  std::vector<std::string> names;
  CIMLIB_ENTRY entry;
  while (CimlibNextEntry(listing, &entry) == S_OK) {
    names.push_back(to_wtf8(std::u16string(entry.Name, entry.Name + entry.NameLength)));
  }
  return names;
}

TEST_F(CimlibOpenImageTest, RequiresAnImage) {
  CIMLIB_IMAGE_HANDLE opened = nullptr;
  EXPECT_RESULT(CimlibOpenImage(folder(), "no.cim"_w, &opened), win32(ERROR_FILE_NOT_FOUND));
  EXPECT_RESULT(CimlibOpenImage(Wide(path() / "no"), "a.cim"_w, &opened),
                win32(ERROR_PATH_NOT_FOUND));
  EXPECT_RESULT(CimlibOpenImage(nullptr, "a.cim"_w, &opened), E_INVALIDARG);
  EXPECT_RESULT(CimlibOpenImage(folder(), nullptr, &opened), E_INVALIDARG);
  EXPECT_RESULT(CimlibOpenImage(folder(), "a.cim"_w, nullptr), E_POINTER);
  std::ofstream(path() / "broken.cim") << std::string(100, 'x');
  EXPECT_RESULT(CimlibOpenImage(folder(), "broken.cim"_w, &opened), win32(ERROR_FILE_CORRUPT));
  EXPECT_EQ(opened, nullptr);
}

TEST_F(CimlibFindTest, DistinguishesMissingFilesAndPaths) {
  UINT32 id = 7;
  EXPECT_RESULT(CimlibFind(image(), "DIR/File"_w, &id), S_OK);
  EXPECT_NE(id, 0U);
  EXPECT_RESULT(CimlibFind(image(), "dir\\no"_w, &id), win32(ERROR_FILE_NOT_FOUND));
  EXPECT_EQ(id, 0U);
  EXPECT_RESULT(CimlibFind(image(), "no\\file"_w, &id), win32(ERROR_PATH_NOT_FOUND));
  EXPECT_RESULT(CimlibFind(image(), "link\\file"_w, &id), win32(ERROR_PATH_NOT_FOUND));
  EXPECT_RESULT(CimlibFind(image(), nullptr, &id), E_INVALIDARG);
  EXPECT_RESULT(CimlibFind(image(), Wide(std::string(300, 'n')), &id), E_INVALIDARG);
  EXPECT_RESULT(CimlibFind(image(), "link"_w, nullptr), E_POINTER);
  EXPECT_RESULT(CimlibFind(nullptr, "link"_w, &id), E_INVALIDARG);
  EXPECT_RESULT(CimlibFind(image(), "\\"_w, &id), S_OK);
}

TEST_F(CimlibGetFileInformationTest, ReturnsFileInformation) {
  CIMLIB_FILE_INFORMATION information{};
  EXPECT_RESULT(CimlibGetFileInformation(image(), "link"_w, &information), S_OK);
  EXPECT_EQ(information.FileSize, 5);
  EXPECT_EQ(information.SecurityDescriptorSize, 20U);
  EXPECT_EQ(information.StreamCount, 1U);
  EXPECT_EQ(information.ReparseTag, 0U);
  EXPECT_RESULT(CimlibGetFileInformation(image(), "dir"_w, &information), S_OK);
  EXPECT_EQ(information.Attributes, static_cast<UINT32>(FILE_ATTRIBUTE_DIRECTORY));
  EXPECT_RESULT(CimlibGetFileInformation(image(), "no"_w, &information),
                win32(ERROR_FILE_NOT_FOUND));
  EXPECT_EQ(information.FileId, 0U);
  EXPECT_RESULT(CimlibGetFileInformation(image(), "dir"_w, nullptr), E_POINTER);
}

TEST_F(CimlibGetMetadataTest, FillsABufferThatIsLargeEnough) {
  std::array<std::uint8_t, 20> bytes{};
  UINT32 size = 0;
  const auto get = [&](CIMLIB_METADATA kind, void* buffer, UINT32 buffer_size) {
    return CimlibGetMetadata(image(), "link"_w, kind, buffer, buffer_size, &size);
  };
  EXPECT_RESULT(get(CIMLIB_SECURITY_DESCRIPTOR, bytes.data(), 19),
                win32(ERROR_INSUFFICIENT_BUFFER));
  EXPECT_EQ(size, 20U);
  EXPECT_RESULT(get(CIMLIB_SECURITY_DESCRIPTOR, nullptr, 20), E_POINTER);
  EXPECT_RESULT(get(CIMLIB_SECURITY_DESCRIPTOR, bytes.data(), 20), S_OK);
  EXPECT_EQ(bytes[3], 0x80);
  EXPECT_RESULT(get(CIMLIB_REPARSE_DATA, nullptr, 0), S_OK);
  EXPECT_EQ(size, 0U);
  EXPECT_RESULT(get(CIMLIB_EXTENDED_ATTRIBUTES, nullptr, 0), S_OK);
  // NOLINTNEXTLINE(clang-analyzer-optin.core.EnumCastOutOfRange): as C programs can.
  EXPECT_RESULT(get(static_cast<CIMLIB_METADATA>(0), nullptr, 0), E_INVALIDARG);
  EXPECT_RESULT(
      CimlibGetMetadata(image(), "link"_w, CIMLIB_REPARSE_DATA, bytes.data(), 20, nullptr),
      E_POINTER);
}

TEST_F(CimlibListTest, ListsEntriesAndStreams) {
  CIMLIB_LISTING_HANDLE listing = nullptr;
  ASSERT_RESULT(CimlibListDirectory(image(), ""_w, &listing), S_OK);
  EXPECT_THAT(names_of(listing), testing::ElementsAre("dir", "link"));
  EXPECT_RESULT(CimlibCloseListing(listing), S_OK);
  ASSERT_RESULT(CimlibListStreams(image(), "link"_w, &listing), S_OK);
  EXPECT_THAT(names_of(listing), testing::ElementsAre("note"));
  EXPECT_RESULT(CimlibNextEntry(listing, nullptr), E_POINTER);
  EXPECT_RESULT(CimlibCloseListing(listing), S_OK);
  CIMLIB_ENTRY entry;
  EXPECT_RESULT(CimlibNextEntry(listing, &entry), E_INVALIDARG);
  EXPECT_RESULT(CimlibListDirectory(image(), "link"_w, &listing), E_INVALIDARG);
  EXPECT_RESULT(CimlibListDirectory(image(), "no"_w, &listing), win32(ERROR_FILE_NOT_FOUND));
  EXPECT_RESULT(CimlibListStreams(image(), "no"_w, &listing), win32(ERROR_FILE_NOT_FOUND));
  EXPECT_RESULT(CimlibListStreams(image(), "link"_w, nullptr), E_POINTER);
}

TEST_F(CimlibOpenStreamTest, ReadsFromAnywhere) {
  CIMLIB_STREAM_HANDLE stream = nullptr;
  UINT64 size = 0;
  std::array<char, 8> bytes{};
  UINT32 count = 0;
  ASSERT_RESULT(CimlibOpenStream(image(), "dir\\file"_w, &stream, &size), S_OK);
  EXPECT_EQ(size, 5U);
  EXPECT_RESULT(CimlibReadStream(stream, 2, bytes.data(), 8, &count), S_OK);
  EXPECT_EQ(std::string(bytes.data(), count), "llo");
  EXPECT_RESULT(CimlibReadStream(stream, 5, bytes.data(), 8, &count), S_OK);
  EXPECT_EQ(count, 0U);
  EXPECT_RESULT(CimlibReadStream(stream, ~UINT64{0}, bytes.data(), 8, &count), S_OK);
  EXPECT_EQ(count, 0U);
  EXPECT_RESULT(CimlibReadStream(stream, 0, nullptr, 8, &count), E_POINTER);
  EXPECT_RESULT(CimlibReadStream(stream, 0, bytes.data(), 8, nullptr), E_POINTER);
  EXPECT_RESULT(CimlibCloseStream(stream), S_OK);
  EXPECT_RESULT(CimlibReadStream(stream, 0, bytes.data(), 8, &count), E_INVALIDARG);
}

TEST_F(CimlibOpenStreamTest, RequiresAFileOrAStream) {
  CIMLIB_STREAM_HANDLE stream = nullptr;
  EXPECT_RESULT(CimlibOpenStream(image(), "dir"_w, &stream, nullptr), E_INVALIDARG);
  EXPECT_RESULT(CimlibOpenStream(image(), "link:no"_w, &stream, nullptr),
                win32(ERROR_FILE_NOT_FOUND));
  EXPECT_RESULT(CimlibOpenStream(image(), "link:note"_w, nullptr, nullptr), E_POINTER);
  EXPECT_RESULT(CimlibOpenStream(image(), "link:note"_w, &stream, nullptr), S_OK);
  EXPECT_RESULT(CimlibCloseStream(stream), S_OK);
}

TEST_F(CimReadFileTest, ReadsWithoutHandles) {
  std::array<char, 8> bytes{};
  UINT64 count = 0;
  UINT64 left = 0;
  EXPECT_RESULT(CimReadFile(whole_path(), "dir\\file"_w, 1, bytes.data(), 2, &count, &left), S_OK);
  EXPECT_EQ(count, 2U);
  EXPECT_EQ(std::string_view(bytes.data(), 2), "el");
  EXPECT_EQ(left, 2U);
  EXPECT_RESULT(CimReadFile(whole_path(), "link:note"_w, 9, bytes.data(), 2, &count, &left), S_OK);
  EXPECT_EQ(count + left, 0U);
  EXPECT_RESULT(CimReadFile(whole_path(), "no"_w, 0, bytes.data(), 2, &count, &left),
                win32(ERROR_FILE_NOT_FOUND));
  EXPECT_RESULT(CimReadFile(Wide(path() / "no.cim"), "link"_w, 0, bytes.data(), 2, &count, &left),
                win32(ERROR_FILE_NOT_FOUND));
  EXPECT_RESULT(
      CimReadFile(Wide(path() / "no" / "a.cim"), "link"_w, 0, bytes.data(), 2, &count, &left),
      win32(ERROR_PATH_NOT_FOUND));
  EXPECT_RESULT(CimReadFile(whole_path(), "link"_w, 0, nullptr, 2, &count, &left), E_POINTER);
  EXPECT_RESULT(CimReadFile(whole_path(), "link"_w, 0, bytes.data(), 2, nullptr, &left), E_POINTER);
  EXPECT_RESULT(CimReadFile(nullptr, "link"_w, 0, bytes.data(), 2, &count, &left), E_INVALIDARG);
}

TEST_F(CimReadFileTest, ReturnsFileStatInformation) {
  std::array<std::byte, 104> bytes{};
  auto* const stat =
      reinterpret_cast<struct _FILE_STAT_BASIC_INFORMATION*>(bytes.data());  // may be incomplete
  EXPECT_RESULT(CimGetFileStatBasicInformation(whole_path(), "link"_w, stat), S_OK);
  std::int64_t end_of_file = 0;
  std::memcpy(&end_of_file, bytes.data() + 48, sizeof end_of_file);
  EXPECT_EQ(end_of_file, 5);
  EXPECT_RESULT(CimGetFileStatBasicInformation(whole_path(), "no"_w, stat),
                win32(ERROR_FILE_NOT_FOUND));
  EXPECT_RESULT(CimGetFileStatBasicInformation(whole_path(), "link"_w, nullptr), E_POINTER);
}

TEST_F(CimlibOpenImageTest, ChecksTheKindOfHandles) {
  UINT32 id = 0;
  CIMLIB_IMAGE_HANDLE opened = nullptr;
  ASSERT_RESULT(CimlibOpenImage(folder(), "a.cim"_w, &opened), S_OK);
  EXPECT_RESULT(CimCommitImage(reinterpret_cast<CIMFS_IMAGE_HANDLE>(opened)), E_INVALIDARG);
  EXPECT_RESULT(CimlibCloseStream(reinterpret_cast<CIMLIB_STREAM_HANDLE>(opened)), E_INVALIDARG);
  EXPECT_RESULT(CimlibCloseListing(reinterpret_cast<CIMLIB_LISTING_HANDLE>(opened)), E_INVALIDARG);
  EXPECT_RESULT(CimlibCloseImage(opened), S_OK);
  EXPECT_RESULT(CimlibCloseImage(opened), E_INVALIDARG);
  EXPECT_RESULT(CimlibFind(opened, "link"_w, &id), E_INVALIDARG);
  EXPECT_RESULT(CimlibCloseImage(nullptr), E_INVALIDARG);
}

}  // namespace
}  // namespace cim::test
