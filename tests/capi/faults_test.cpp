// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
// System calls that fail while an image is written: the functions report it, and no image is left.
#include <csignal>
#include <filesystem>
#include <string>

#include <gtest/gtest.h>
#include <sys/resource.h>

#include "cimlib/check.h"
#include "cimlib/cimfs.h"

#include "capi/capi_test.h"
#include "image/faulty_system.h"

namespace cim::test {
namespace {

class FaultsTest : public CapiTest {
 protected:
  ~FaultsTest() override { arm({}); }

  /// Creates an image with one file. Returns the first failed result; S_OK if all calls succeed.
  HRESULT make() const {
    CIMFS_IMAGE_HANDLE image = nullptr;
    CIMFS_STREAM_HANDLE stream = nullptr;
    const std::string bytes(100000, 'x');
    const auto metadata = file_of(static_cast<std::int64_t>(bytes.size()));
    HRESULT result = CimCreateImage(folder(), nullptr, "a.cim"_w, &image);
    if (SUCCEEDED(result)) {
      result = CimCreateFile(image, "f"_w, &metadata, &stream);
    }
    if (SUCCEEDED(result)) {
      result = CimWriteStream(stream, bytes.data(), static_cast<UINT32>(bytes.size()));
    }
    CimCloseStream(stream);
    const HRESULT committed = CimCommitImage(image);
    EXPECT_TRUE(SUCCEEDED(result) || FAILED(committed));
    CimCloseImage(image);
    return FAILED(result) ? result : committed;
  }

  /// Checks that the image is complete if it exists, as it does if only the last flush of the
  /// commit failed, and removes it.
  void expect_all_or_nothing() const {
    if (std::filesystem::exists(path() / "a.cim")) {
      EXPECT_TRUE(check(path() / "a.cim", {.depth = CheckDepth::kDeep}).is_clean());
    }
    for (const auto& entry : std::filesystem::directory_iterator(path())) {
      std::filesystem::remove(entry.path());
    }
  }

  /// Creates the image repeatedly; each time the next of the calls that change files fails.
  void fail_each(FaultKind kind, HRESULT wanted) {
    HRESULT result = E_UNEXPECTED;
    std::uint64_t place = 0;
    while (result != S_OK) {
      arm({kind, ++place});
      result = make();
      const bool is_past = changing_calls() < place;
      arm({});
      EXPECT_RESULT(result, is_past ? S_OK : wanted) << "call " << place;
      expect_all_or_nothing();
      ASSERT_LE(place, 1000U);
    }
    EXPECT_GT(place, 10U);
  }
};

TEST_F(FaultsTest, DeviceErrorsAreReported) {
  fail_each(FaultKind::kIoError, win32(ERROR_IO_DEVICE));
}

TEST_F(FaultsTest, FullDisksAreReported) {
  fail_each(FaultKind::kNoSpace, win32(ERROR_DISK_FULL));
}

TEST_F(FaultsTest, FileSizeLimitsAreReported) {
  rlimit before{};
  ASSERT_EQ(::getrlimit(RLIMIT_FSIZE, &before), 0);
  const rlimit small = {50000, before.rlim_max};
  auto* const handler = std::signal(SIGXFSZ, SIG_IGN);
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &small), 0);
  const HRESULT result = make();
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &before), 0);
  std::signal(SIGXFSZ, handler);
  EXPECT_RESULT(result, win32(ERROR_FILE_TOO_LARGE));
  EXPECT_TRUE(std::filesystem::is_empty(path()));
}

}  // namespace
}  // namespace cim::test
