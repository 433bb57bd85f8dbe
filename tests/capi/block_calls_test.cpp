// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
// The functions for block, merged and verified images are there, check their arguments, and then
// say that they are not supported.
#include <array>
#include <cstdint>

#include <gtest/gtest.h>

#include "cimlib/cimfs.h"

#include "capi/capi_test.h"

namespace cim::test {
namespace {

class BlockCallsTest : public CapiTest {
 protected:
  void SetUp() override { make_sample("a.cim"); }

  static constexpr GUID kVolume = {1, 2, 3, {4}};
  static constexpr auto kNoFlags = CIM_MOUNT_IMAGE_NONE;
  const std::array<std::uint8_t, 32> hash_{};
};

TEST_F(BlockCallsTest, WritingIsNotSupported) {
  const auto image = create("b.cim");
  const HRESULT unsupported = win32(ERROR_NOT_SUPPORTED);
  EXPECT_RESULT(CimAddFsToMergedImage(image, Wide(path() / "a.cim")), unsupported);
  EXPECT_RESULT(CimAddFsToMergedImage2(image, Wide(path() / "a.cim"), 0), unsupported);
  EXPECT_RESULT(CimTombstoneFile(image, "file"_w), unsupported);
  EXPECT_RESULT(CimCreateMergeLink(image, "new"_w, "file"_w), unsupported);
  CimCloseImage(image);
}

TEST_F(BlockCallsTest, WritingChecksItsArguments) {
  const auto image = create("b.cim");
  EXPECT_RESULT(CimAddFsToMergedImage(nullptr, "a.cim"_w), E_INVALIDARG);
  EXPECT_RESULT(CimAddFsToMergedImage2(image, nullptr, 0), E_INVALIDARG);
  EXPECT_RESULT(CimTombstoneFile(nullptr, "file"_w), E_INVALIDARG);
  EXPECT_RESULT(CimTombstoneFile(image, ""_w), E_INVALIDARG);
  EXPECT_RESULT(CimCreateMergeLink(image, nullptr, "file"_w), E_INVALIDARG);
  EXPECT_RESULT(CimCreateMergeLink(image, "new"_w, nullptr), E_INVALIDARG);
  CimCloseImage(image);
}

TEST_F(BlockCallsTest, SealingRequiresABlockImage) {
  UINT64 hash_size = 7;
  UINT64 header_size = 7;
  std::array<std::uint8_t, 32> hash{};
  const auto seal = [&](PCWSTR image) {
    return CimSealImage(image, &hash_size, &header_size, hash.data());
  };
  EXPECT_RESULT(seal(nullptr), E_INVALIDARG);
  EXPECT_RESULT(seal(Wide(path() / "no.cim")), win32(ERROR_FILE_NOT_FOUND));
  EXPECT_RESULT(seal(Wide(path() / "a.cim")), win32(ERROR_NOT_SUPPORTED));
  EXPECT_EQ(hash_size, 0U);
  EXPECT_EQ(header_size, 0U);
  EXPECT_RESULT(CimSealImage(Wide(path() / "a.cim"), nullptr, &header_size, hash.data()),
                E_POINTER);
}

TEST_F(BlockCallsTest, VerificationInformationRequiresABlockImage) {
  UINT32 is_sealed = 7;
  UINT64 sizes[3] = {7, 7, 7};
  const auto query = [&](PCWSTR image) {
    return CimGetVerificationInformation(image, &is_sealed, &sizes[0], &sizes[1], &sizes[2],
                                         nullptr, nullptr);
  };
  EXPECT_RESULT(query(nullptr), E_INVALIDARG);
  EXPECT_RESULT(query(Wide(path() / "no.cim")), win32(ERROR_FILE_NOT_FOUND));
  EXPECT_RESULT(query(Wide(path() / "a.cim")), win32(ERROR_NOT_SUPPORTED));
  EXPECT_EQ(is_sealed, 0U);
  EXPECT_EQ(sizes[0], 0U);
}

TEST_F(BlockCallsTest, MountsAreNotSupported) {
  const Wide name("a.cim");
  const Wide directory = folder();
  const CIMFS_IMAGE_PATH image = {directory, name};
  const HRESULT unsupported = win32(ERROR_NOT_SUPPORTED);
  EXPECT_RESULT(CimMergeMountImage(1, &image, kNoFlags, &kVolume), unsupported);
  EXPECT_RESULT(
      CimMountVerifiedImage(directory, name, CIM_MOUNT_VERIFIED, &kVolume, 32, hash_.data()),
      unsupported);
  EXPECT_RESULT(
      CimMergeMountVerifiedImage(1, &image, CIM_MOUNT_VERIFIED, &kVolume, 32, hash_.data()),
      unsupported);
  EXPECT_RESULT(CimConvertBlockImage(directory, name, directory), unsupported);
}

TEST_F(BlockCallsTest, MountsCheckTheirArguments) {
  const Wide name("a.cim");
  const Wide missing("no.cim");
  const Wide directory = folder();
  const CIMFS_IMAGE_PATH image = {directory, name};
  const CIMFS_IMAGE_PATH no_image = {directory, missing};
  constexpr auto kUnknown = static_cast<CIM_MOUNT_IMAGE_FLAGS>(0x40);
  EXPECT_RESULT(CimMergeMountImage(0, &image, kNoFlags, &kVolume), E_INVALIDARG);
  EXPECT_RESULT(CimMergeMountImage(1, nullptr, kNoFlags, &kVolume), E_INVALIDARG);
  EXPECT_RESULT(CimMergeMountImage(1, &image, kUnknown, &kVolume), E_INVALIDARG);
  EXPECT_RESULT(CimMergeMountImage(1, &image, kNoFlags, nullptr), E_INVALIDARG);
  EXPECT_RESULT(CimMergeMountImage(1, &no_image, kNoFlags, &kVolume), win32(ERROR_FILE_NOT_FOUND));
  EXPECT_RESULT(CimMountVerifiedImage(directory, name, kNoFlags, &kVolume, 0, hash_.data()),
                E_INVALIDARG);
  EXPECT_RESULT(CimMountVerifiedImage(directory, name, kNoFlags, &kVolume, 32, nullptr), E_POINTER);
  EXPECT_RESULT(CimMergeMountVerifiedImage(1, &no_image, kNoFlags, &kVolume, 32, hash_.data()),
                win32(ERROR_FILE_NOT_FOUND));
  EXPECT_RESULT(CimConvertBlockImage(directory, missing, directory), win32(ERROR_FILE_NOT_FOUND));
  EXPECT_RESULT(CimConvertBlockImage(directory, name, nullptr), E_INVALIDARG);
}

TEST_F(BlockCallsTest, FlagsOfReadingAreNotSupported) {
  std::array<char, 8> bytes{};
  UINT64 count = 0;
  UINT64 left = 0;
  const Wide image(path() / "a.cim");
  EXPECT_RESULT(CimReadFile2(image, "link"_w, 0, bytes.data(), 8, &count, &left, 0), S_OK);
  EXPECT_EQ(count, 5U);
  EXPECT_RESULT(CimReadFile2(image, "link"_w, 0, bytes.data(), 8, &count, &left, 1),
                win32(ERROR_NOT_SUPPORTED));
  EXPECT_EQ(count, 0U);
}

}  // namespace
}  // namespace cim::test
