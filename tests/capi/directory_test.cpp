// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include <cstring>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "cimlib/cimfs.h"

#include "capi/capi_test.h"

namespace cim::test {
namespace {

class CimlibReadDirectoryTest : public CapiTest {
 protected:
  CimlibReadDirectoryTest() {
    make_sample("a.cim");
    EXPECT_RESULT(CimlibOpenImage(folder(), "a.cim"_w, &image_), S_OK);
  }
  ~CimlibReadDirectoryTest() override { CimlibCloseImage(image_); }

  CIMLIB_IMAGE_HANDLE image() const { return image_; }

 private:
  CIMLIB_IMAGE_HANDLE image_ = nullptr;
};

struct Described {
  CIMLIB_DIRECTORY_ENTRY entry{};
  std::u16string name{};
};

std::vector<Described> decode(const std::vector<UINT64>& buffer, UINT32 count) {
  std::vector<Described> entries;
  const auto* at = reinterpret_cast<const char*>(buffer.data());
  for (UINT32 i = 0; i < count; ++i) {
    Described described;
    std::memcpy(&described.entry, at, sizeof described.entry);
    described.name.resize(described.entry.NameLength + 1);
    std::memcpy(described.name.data(), at + offsetof(CIMLIB_DIRECTORY_ENTRY, Name),
                described.name.size() * sizeof(WCHAR));
    EXPECT_EQ(described.name.back(), u'\0');
    described.name.pop_back();
    EXPECT_EQ(described.entry.EntrySize % 8, 0U);
    at += described.entry.EntrySize;
    entries.push_back(std::move(described));
  }
  return entries;
}

TEST_F(CimlibReadDirectoryTest, ReturnsWhatTheListingAndTheFilesSay) {
  for (const char* path : {"\\", "dir"}) {
    UINT64 size = 0;
    UINT32 count = 0;
    EXPECT_RESULT(CimlibReadDirectory(image(), Wide(path), nullptr, 0, &size, &count),
                  win32(ERROR_INSUFFICIENT_BUFFER));
    ASSERT_GT(count, 0U);
    std::vector<UINT64> buffer(static_cast<std::size_t>(size / 8));
    EXPECT_RESULT(CimlibReadDirectory(image(), Wide(path), buffer.data(), size - 1, &size, &count),
                  win32(ERROR_INSUFFICIENT_BUFFER));
    EXPECT_RESULT(CimlibReadDirectory(image(), Wide(path), buffer.data(), size, &size, &count),
                  S_OK);
    EXPECT_EQ(size, 8 * buffer.size());

    CIMLIB_LISTING_HANDLE listing = nullptr;
    EXPECT_RESULT(CimlibListDirectory(image(), Wide(path), &listing), S_OK);
    CIMLIB_ENTRY listed;
    for (const Described& described : decode(buffer, count)) {
      ASSERT_EQ(CimlibNextEntry(listing, &listed), S_OK);
      EXPECT_EQ(described.name, std::u16string(listed.Name, listed.Name + listed.NameLength));
      EXPECT_EQ(described.entry.FileId, listed.FileId);
      CIMLIB_FILE_INFORMATION information;
      const std::string whole = std::string(path) + "\\" + to_wtf8(described.name);
      EXPECT_RESULT(CimlibGetFileInformation(image(), Wide(whole), &information), S_OK);
      EXPECT_EQ(described.entry.Attributes, information.Attributes);
      EXPECT_EQ(described.entry.FileSize, information.FileSize);
      EXPECT_EQ(described.entry.LastWriteTime.QuadPart, information.LastWriteTime.QuadPart);
      EXPECT_EQ(described.entry.CreationTime.QuadPart, information.CreationTime.QuadPart);
      EXPECT_EQ(described.entry.ReparseTag, information.ReparseTag);
      EXPECT_EQ(described.entry.EaBufferSize, information.EaBufferSize);
      EXPECT_EQ(described.entry.HasStreams != 0, information.StreamCount != 0);
    }
    EXPECT_EQ(CimlibNextEntry(listing, &listed), S_FALSE);
    CimlibCloseListing(listing);
  }
}

TEST_F(CimlibReadDirectoryTest, RejectsFilesAndBadArguments) {
  UINT64 size = 7;
  UINT32 count = 7;
  EXPECT_RESULT(CimlibReadDirectory(image(), "dir\\file"_w, nullptr, 0, &size, &count),
                E_INVALIDARG);
  EXPECT_EQ(size, 0U);
  EXPECT_EQ(count, 0U);
  EXPECT_RESULT(CimlibReadDirectory(image(), "no"_w, nullptr, 0, &size, &count),
                win32(ERROR_FILE_NOT_FOUND));
  EXPECT_RESULT(CimlibReadDirectory(nullptr, "dir"_w, nullptr, 0, &size, &count), E_INVALIDARG);
  EXPECT_RESULT(CimlibReadDirectory(image(), "dir"_w, nullptr, 0, nullptr, &count), E_POINTER);
  EXPECT_RESULT(CimlibReadDirectory(image(), "dir"_w, nullptr, 0, &size, nullptr), E_POINTER);
  EXPECT_RESULT(CimlibReadDirectory(image(), "dir"_w, nullptr, 1 << 20, &size, &count), E_POINTER);
}

}  // namespace
}  // namespace cim::test
