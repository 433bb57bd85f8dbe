// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
// Results of failures that the caller does not cause: damaged images, system errors, memory.
#include <fstream>
#include <new>
#include <stdexcept>

#include <gtest/gtest.h>

#include "cimlib/cimfs.h"

#include "capi/capi_test.h"
#include "capi/result.h"

namespace cim::test {
namespace {

class FailuresTest : public CapiTest {
 protected:
  FailuresTest() { make_sample("a.cim"); }

  void overwrite(std::uint64_t offset, std::string_view bytes) const {
    std::fstream file(path() / "a.cim", std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(static_cast<std::streamoff>(offset));
    file.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  }
  HRESULT open() const {
    CIMLIB_IMAGE_HANDLE image = nullptr;
    const HRESULT result = CimlibOpenImage(folder(), "a.cim"_w, &image);
    EXPECT_EQ(image != nullptr, SUCCEEDED(result));
    CimlibCloseImage(image);
    return result;
  }
  HRESULT fork() const {
    CIMFS_IMAGE_HANDLE image = nullptr;
    const HRESULT result = CimCreateImage(folder(), "a.cim"_w, "b.cim"_w, &image);
    EXPECT_EQ(image != nullptr, SUCCEEDED(result));
    CimCloseImage(image);
    return result;
  }
};

TEST_F(FailuresTest, AnImageOfALaterVersionIsNotSupported) {
  overwrite(16, std::string_view("\x09\0\0\0", 4));
  EXPECT_RESULT(open(), win32(ERROR_NOT_SUPPORTED));
  EXPECT_RESULT(fork(), win32(ERROR_NOT_SUPPORTED));
}

TEST_F(FailuresTest, AFileThatIsNotAnImageIsCorrupt) {
  overwrite(0, "cimfile9");
  EXPECT_RESULT(open(), win32(ERROR_FILE_CORRUPT));
  EXPECT_RESULT(fork(), win32(ERROR_FILE_CORRUPT));
}

TEST_F(FailuresTest, ADirectoryNamedLikeAnImageIsDenied) {
  std::filesystem::remove(path() / "a.cim");
  std::filesystem::create_directory(path() / "a.cim");
  EXPECT_RESULT(open(), E_ACCESSDENIED);
  EXPECT_RESULT(fork(), E_ACCESSDENIED);
}

TEST_F(FailuresTest, AnImageWithoutItsRegionsIsMissing) {
  for (const auto& entry : std::filesystem::directory_iterator(path())) {
    if (entry.path().filename().string().starts_with("region_")) {
      std::filesystem::remove(entry.path());
    }
  }
  EXPECT_RESULT(open(), win32(ERROR_FILE_NOT_FOUND));
  EXPECT_RESULT(fork(), win32(ERROR_FILE_NOT_FOUND));
}

TEST(ResultOf, MapsEachErrorCodeToItsWindowsResult) {
  using capi::result_of;
  EXPECT_RESULT(result_of(ErrorCode::kIo), win32(ERROR_IO_DEVICE));
  EXPECT_RESULT(result_of(ErrorCode::kNotFound), win32(ERROR_FILE_NOT_FOUND));
  EXPECT_RESULT(result_of(ErrorCode::kExists), win32(ERROR_FILE_EXISTS));
  EXPECT_RESULT(result_of(ErrorCode::kCorrupt), win32(ERROR_FILE_CORRUPT));
  EXPECT_RESULT(result_of(ErrorCode::kUnsupported), win32(ERROR_NOT_SUPPORTED));
  EXPECT_RESULT(result_of(ErrorCode::kInvalidArgument), E_INVALIDARG);
  EXPECT_RESULT(result_of(ErrorCode::kLimit), win32(ERROR_FILE_TOO_LARGE));
  EXPECT_RESULT(result_of(ErrorCode::kBusy), win32(ERROR_SHARING_VIOLATION));
  EXPECT_RESULT(result_of(ErrorCode::kAccessDenied), E_ACCESSDENIED);
  EXPECT_RESULT(result_of(ErrorCode::kNoSpace), win32(ERROR_DISK_FULL));
  EXPECT_RESULT(result_of(ErrorCode::kCancelled), win32(ERROR_OPERATION_ABORTED));
}

TEST(Guarded, CatchesAllExceptions) {
  EXPECT_RESULT(capi::guarded([] {}), S_OK);
  EXPECT_RESULT(capi::guarded([] { throw std::bad_alloc(); }), E_OUTOFMEMORY);
  EXPECT_RESULT(capi::guarded([] { throw std::runtime_error("of some library"); }), E_UNEXPECTED);
  EXPECT_RESULT(capi::guarded([] { throw 7; }), E_UNEXPECTED);
  EXPECT_RESULT(capi::guarded([] { capi::fail(E_POINTER); }), E_POINTER);
}

}  // namespace
}  // namespace cim::test
