// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
// Invalid arguments: every function is called with every kind of invalid handle and name.
#include <array>
#include <cstdint>
#include <functional>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "cimlib/cimfs.h"

#include "capi/capi_test.h"

namespace cim::test {
namespace {

/// A function's name, and a call of it with one invalid argument; the others are valid.
template <typename... Wrong>
using Calls = std::vector<std::pair<const char*, std::function<HRESULT(Wrong...)>>>;

Calls<CIMFS_IMAGE_HANDLE, PCWSTR> writing_calls() {
  return {{"CimCreateFile",
           [](auto image, auto path) {
             const auto metadata = file_of(0);
             CIMFS_STREAM_HANDLE stream = nullptr;
             return CimCreateFile(image, path, &metadata, &stream);
           }},
          {"CimCreateAlternateStream",
           [](auto image, auto path) {
             CIMFS_STREAM_HANDLE stream = nullptr;
             return CimCreateAlternateStream(image, path, 1, &stream);
           }},
          {"CimCreateHardLink, the new name",
           [](auto image, auto path) { return CimCreateHardLink(image, path, "link"_w); }},
          {"CimCreateHardLink, the existing name",
           [](auto image, auto path) { return CimCreateHardLink(image, "new"_w, path); }},
          {"CimDeletePath", CimDeletePath}};
}

Calls<CIMLIB_IMAGE_HANDLE, PCWSTR> reading_calls() {
  return {{"CimlibFind",
           [](auto image, auto path) {
             UINT32 id = 0;
             return CimlibFind(image, path, &id);
           }},
          {"CimlibGetFileInformation",
           [](auto image, auto path) {
             CIMLIB_FILE_INFORMATION information;
             return CimlibGetFileInformation(image, path, &information);
           }},
          {"CimlibGetMetadata",
           [](auto image, auto path) {
             std::array<char, 64> bytes{};
             UINT32 size = 0;
             return CimlibGetMetadata(image, path, CIMLIB_REPARSE_DATA, bytes.data(), 64, &size);
           }},
          {"CimlibListDirectory",
           [](auto image, auto path) {
             CIMLIB_LISTING_HANDLE listing = nullptr;
             return CimlibListDirectory(image, path, &listing);
           }},
          {"CimlibListStreams",
           [](auto image, auto path) {
             CIMLIB_LISTING_HANDLE listing = nullptr;
             return CimlibListStreams(image, path, &listing);
           }},
          {"CimlibOpenStream", [](auto image, auto path) {
             CIMLIB_STREAM_HANDLE stream = nullptr;
             return CimlibOpenStream(image, path, &stream, nullptr);
           }}};
}

/// A directory and the name of an image in it.
Calls<PCWSTR, PCWSTR> opening_calls() {
  return {{"CimCreateImage, the new name",
           [](auto directory, auto name) {
             CIMFS_IMAGE_HANDLE image = nullptr;
             return CimCreateImage(directory, "a.cim"_w, name, &image);
           }},
          {"CimCreateImage, the existing name",
           [](auto directory, auto name) {
             CIMFS_IMAGE_HANDLE image = nullptr;
             return CimCreateImage(directory, name, "b.cim"_w, &image);
           }},
          {"CimlibOpenImage",
           [](auto directory, auto name) {
             CIMLIB_IMAGE_HANDLE image = nullptr;
             return CimlibOpenImage(directory, name, &image);
           }},
          {"CimMountImage", [](auto directory, auto name) {
             const GUID volume = {1, 2, 3, {4}};
             return CimMountImage(directory, name, CIM_MOUNT_IMAGE_NONE, &volume);
           }}};
}

/// The path of an image and the path of a file in it.
Calls<PCWSTR, PCWSTR> calls_without_handles() {
  return {{"CimReadFile",
           [](auto image, auto path) {
             std::array<char, 8> bytes{};
             UINT64 count = 0;
             UINT64 left = 0;
             return CimReadFile(image, path, 0, bytes.data(), 8, &count, &left);
           }},
          {"CimGetFileStatBasicInformation", [](auto image, auto path) {
             std::array<LARGE_INTEGER, 13> stat{};
             return CimGetFileStatBasicInformation(
                 image, path, reinterpret_cast<struct _FILE_STAT_BASIC_INFORMATION*>(stat.data()));
           }}};
}

/// A name that is one unit too long, a path that is one unit too long, and a path with such a name.
std::vector<Wide> over_long_texts() {
  std::u16string path;
  while (path.size() <= 32767) {
    path += std::u16string(200, u'd') + u"\\";
  }
  return {Wide(std::string(256, 'n')), Wide(path), Wide(std::string(256, 'n') + "\\f"),
          Wide(std::string(40000, 'p'))};
}

class MisuseTest : public CapiTest {
 protected:
  MisuseTest() {
    make_sample("a.cim");
    EXPECT_RESULT(CimlibOpenImage(folder(), "a.cim"_w, &reader_), S_OK);
    EXPECT_RESULT(CimCreateImage(folder(), "a.cim"_w, "new.cim"_w, &writer_), S_OK);
  }
  ~MisuseTest() override {
    CimlibCloseImage(reader_);
    CimCloseImage(writer_);
  }

  /// Returns null, INVALID_HANDLE_VALUE, a handle of another kind, a pointer, and a closed handle.
  template <typename Handle>
  std::vector<Handle> handles_that_are_none(Handle closed) const {
    const std::uintptr_t other = std::is_same_v<Handle, CIMFS_IMAGE_HANDLE>
                                     ? reinterpret_cast<std::uintptr_t>(reader_)
                                     : reinterpret_cast<std::uintptr_t>(writer_);
    std::vector<Handle> handles = {closed};
    for (const std::uintptr_t number :
         {std::uintptr_t{0}, ~std::uintptr_t{0}, other, reinterpret_cast<std::uintptr_t>(this)}) {
      handles.push_back(reinterpret_cast<Handle>(number));  // NOLINT(performance-no-int-to-ptr)
    }
    return handles;
  }

  CIMLIB_IMAGE_HANDLE reader() const noexcept { return reader_; }
  CIMFS_IMAGE_HANDLE writer() const noexcept { return writer_; }

 private:
  CIMLIB_IMAGE_HANDLE reader_ = nullptr;
  CIMFS_IMAGE_HANDLE writer_ = nullptr;
};

TEST_F(MisuseTest, AllFunctionsCheckWriterHandles) {
  CimCloseImage(writer());
  const auto handles = handles_that_are_none(writer());
  for (const auto handle : handles) {
    for (const auto& [name, call] : writing_calls()) {
      EXPECT_RESULT(call(handle, "link:s"_w), E_INVALIDARG) << name;
      EXPECT_RESULT(call(handle, "link"_w), E_INVALIDARG) << name;
    }
    EXPECT_RESULT(CimCommitImage(handle), E_INVALIDARG);
    CimCloseImage(handle);
  }
  UINT32 id = 0;
  EXPECT_RESULT(CimlibFind(reader(), "link"_w, &id), S_OK);  // still open
}

TEST_F(MisuseTest, AllFunctionsCheckStreamHandles) {
  const auto metadata = file_of(1);
  CIMFS_STREAM_HANDLE closed = nullptr;
  ASSERT_RESULT(CimCreateFile(writer(), "f"_w, &metadata, &closed), S_OK);
  CimCloseStream(closed);
  for (const auto handle : handles_that_are_none(closed)) {
    EXPECT_RESULT(CimWriteStream(handle, "x", 1), E_INVALIDARG);
    CimCloseStream(handle);
  }
  EXPECT_RESULT(CimCommitImage(writer()), S_OK);
}

TEST_F(MisuseTest, AllFunctionsCheckReaderHandles) {
  CIMLIB_IMAGE_HANDLE closed = nullptr;
  ASSERT_RESULT(CimlibOpenImage(folder(), "a.cim"_w, &closed), S_OK);
  ASSERT_RESULT(CimlibCloseImage(closed), S_OK);
  for (const auto handle : handles_that_are_none(closed)) {
    for (const auto& [name, call] : reading_calls()) {
      EXPECT_RESULT(call(handle, "dir"_w), E_INVALIDARG) << name;
      EXPECT_RESULT(call(handle, "link"_w), E_INVALIDARG) << name;
    }
    EXPECT_RESULT(CimlibCloseImage(handle), E_INVALIDARG);
  }
  EXPECT_RESULT(CimCommitImage(writer()), S_OK);
}

TEST_F(MisuseTest, AllFunctionsCheckListingAndOpenedStreamHandles) {
  CIMLIB_LISTING_HANDLE listing = nullptr;
  CIMLIB_STREAM_HANDLE stream = nullptr;
  ASSERT_RESULT(CimlibListDirectory(reader(), ""_w, &listing), S_OK);
  ASSERT_RESULT(CimlibOpenStream(reader(), "link"_w, &stream, nullptr), S_OK);
  ASSERT_RESULT(CimlibCloseListing(listing), S_OK);
  ASSERT_RESULT(CimlibCloseStream(stream), S_OK);
  CIMLIB_ENTRY entry;
  for (const auto handle : handles_that_are_none(listing)) {
    EXPECT_RESULT(CimlibNextEntry(handle, &entry), E_INVALIDARG);
    EXPECT_RESULT(CimlibCloseListing(handle), E_INVALIDARG);
  }
  std::array<char, 8> bytes{};
  UINT32 count = 0;
  for (const auto handle : handles_that_are_none(stream)) {
    EXPECT_RESULT(CimlibReadStream(handle, 0, bytes.data(), 8, &count), E_INVALIDARG);
    EXPECT_RESULT(CimlibCloseStream(handle), E_INVALIDARG);
  }
}

TEST_F(MisuseTest, AllFunctionsRefuseNullAndOverlongStrings) {
  const Wide image(path() / "a.cim");
  const auto expect_refusals = [&](PCWSTR text) {
    for (const auto& [name, call] : writing_calls()) {
      EXPECT_RESULT(call(writer(), text), E_INVALIDARG) << name;
    }
    for (const auto& [name, call] : reading_calls()) {
      EXPECT_RESULT(call(reader(), text), E_INVALIDARG) << name;
    }
    for (const auto& [name, call] : calls_without_handles()) {
      EXPECT_RESULT(call(image, text), E_INVALIDARG) << name;
    }
  };
  expect_refusals(nullptr);
  for (const Wide& text : over_long_texts()) {
    expect_refusals(text);
  }
}

TEST_F(MisuseTest, AllFunctionsRefuseOverlongImageNames) {
  const Wide too_long(std::string(256, 'n'));
  const Wide far_too_long(std::string(40000, 'n'));
  for (const auto& [name, call] : opening_calls()) {
    for (const PCWSTR text : {PCWSTR(too_long), PCWSTR(far_too_long)}) {
      EXPECT_RESULT(call(folder(), text), E_INVALIDARG) << name;
    }
    EXPECT_RESULT(call(far_too_long, "c.cim"_w), E_INVALIDARG) << name;
    EXPECT_RESULT(call(nullptr, "c.cim"_w), E_INVALIDARG) << name;
  }
  for (const auto& [name, call] : calls_without_handles()) {
    EXPECT_RESULT(call(Wide(path() / std::string(256, 'n')), "link"_w), E_INVALIDARG) << name;
    EXPECT_RESULT(call(far_too_long, "link"_w), E_INVALIDARG) << name;
    EXPECT_RESULT(call(nullptr, "link"_w), E_INVALIDARG) << name;
  }
}

}  // namespace
}  // namespace cim::test
