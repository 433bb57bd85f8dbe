// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include <array>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <string>

#include <gtest/gtest.h>

#include "cimlib/cimfs.h"
#include "cimlib/guid.h"

#include "capi/capi_test.h"

namespace cim::test {
namespace {

GUID random_guid() {
  GUID guid{};
  const auto bytes = Guid::random().to_mixed_endian();
  std::memcpy(&guid, bytes.data(), bytes.size());
  return guid;
}

std::string path_of(const GUID& volume) {
  std::array<WCHAR, 256> path{};
  UINT32 length = 0;
  EXPECT_RESULT(CimlibGetVolumePath(&volume, path.data(), 256, &length), S_OK);
  return to_wtf8(std::u16string(path.begin(), path.begin() + length));
}

class VolumesTest : public CapiTest {
 protected:
  VolumesTest() { make_sample("a.cim"); }

  HRESULT mount(const char* image = "a.cim", CIM_MOUNT_IMAGE_FLAGS flags = CIM_MOUNT_IMAGE_NONE) {
    return CimMountImage(folder(), Wide(image), flags, &volume_);
  }
  const GUID& volume() const noexcept { return volume_; }

 private:
  GUID volume_ = random_guid();
};

TEST_F(VolumesTest, RequireValidArguments) {
  // NOLINTNEXTLINE(clang-analyzer-optin.core.EnumCastOutOfRange): as C programs can.
  EXPECT_RESULT(mount("a.cim", static_cast<CIM_MOUNT_IMAGE_FLAGS>(0x10000)), E_INVALIDARG);
  EXPECT_RESULT(CimMountImage(nullptr, "a.cim"_w, CIM_MOUNT_IMAGE_NONE, &volume()), E_INVALIDARG);
  EXPECT_RESULT(CimMountImage(folder(), nullptr, CIM_MOUNT_IMAGE_NONE, &volume()), E_INVALIDARG);
  EXPECT_RESULT(CimMountImage(folder(), "a.cim"_w, CIM_MOUNT_IMAGE_NONE, nullptr), E_INVALIDARG);
  EXPECT_RESULT(CimDismountImage(nullptr), E_INVALIDARG);
}

TEST_F(VolumesTest, RequireAnImage) {
  EXPECT_RESULT(mount("no.cim"), win32(ERROR_FILE_NOT_FOUND));
  EXPECT_RESULT(CimMountImage(Wide(path() / "no"), "a.cim"_w, CIM_MOUNT_IMAGE_NONE, &volume()),
                win32(ERROR_PATH_NOT_FOUND));
}

TEST_F(VolumesTest, DoNotExistBeforeMounting) {
  EXPECT_RESULT(CimDismountImage(&volume()), win32(ERROR_FILE_NOT_FOUND));
}

TEST_F(VolumesTest, DoNotMaskParents) {
  EXPECT_RESULT(mount("a.cim", CIM_MOUNT_CHILD_ONLY), win32(ERROR_NOT_SUPPORTED));
}

TEST_F(VolumesTest, ReturnTheirPathIfTheBufferIsLargeEnough) {
  if (mount() == win32(ERROR_NOT_SUPPORTED)) {
    GTEST_SKIP() << "nothing mounts here";
  }
  CimDismountImage(&volume());
  std::array<WCHAR, 256> path{};
  UINT32 length = 0;
  EXPECT_RESULT(CimlibGetVolumePath(&volume(), path.data(), 10, &length),
                win32(ERROR_INSUFFICIENT_BUFFER));
  EXPECT_EQ(length, path_of(volume()).size());
  EXPECT_RESULT(CimlibGetVolumePath(&volume(), nullptr, 256, &length), E_POINTER);
  EXPECT_RESULT(CimlibGetVolumePath(nullptr, path.data(), 256, &length), E_INVALIDARG);
  EXPECT_RESULT(CimlibGetVolumePath(&volume(), path.data(), 256, nullptr), E_POINTER);
}

TEST_F(VolumesTest, ShowFilesAndKeepTheImageFromBeingReplaced) {
  if (const HRESULT result = mount(); FAILED(result)) {
    GTEST_SKIP() << "cannot mount here: " << hex(result);
  }
  EXPECT_RESULT(mount(), win32(ERROR_ALREADY_EXISTS));
  const std::filesystem::path root = path_of(volume());
  std::string text;
  std::getline(std::ifstream(root / "dir" / "file"), text);
  EXPECT_EQ(text, "hello");

  CIMFS_IMAGE_HANDLE image = nullptr;
  ASSERT_RESULT(CimCreateImage(folder(), "a.cim"_w, nullptr, &image), S_OK);
  EXPECT_RESULT(CimCommitImage(image), win32(ERROR_SHARING_VIOLATION));
  EXPECT_RESULT(CimDismountImage(&volume()), S_OK);
  EXPECT_RESULT(CimCommitImage(image), S_OK);  // the refusal was harmless
  CimCloseImage(image);
  EXPECT_FALSE(std::filesystem::exists(root));
  EXPECT_RESULT(CimDismountImage(&volume()), win32(ERROR_FILE_NOT_FOUND));
}

TEST_F(VolumesTest, CannotBeUnmountedWhileFilesAreOpen) {
  if (const HRESULT result = mount(); FAILED(result)) {
    GTEST_SKIP() << "cannot mount here: " << hex(result);
  }
  std::ifstream file(std::filesystem::path(path_of(volume())) / "dir" / "file");
  ASSERT_TRUE(file.is_open());
  EXPECT_RESULT(CimDismountImage(&volume()), win32(ERROR_SHARING_VIOLATION));
  file.close();
  EXPECT_RESULT(CimDismountImage(&volume()), S_OK);
}

}  // namespace
}  // namespace cim::test
