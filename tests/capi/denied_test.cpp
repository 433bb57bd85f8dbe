// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
// Results for a user without the necessary permissions.
#include <array>
#include <cstdlib>
#include <filesystem>
#include <optional>
#include <string>

#include <gtest/gtest.h>
#include <unistd.h>

#include "cimlib/cimfs.h"

#include "capi/capi_test.h"

namespace cim::test {
namespace {

using std::filesystem::perms;

/// Runs as an unprivileged user if the tests run as root, to whom no access is denied.
class AsUnprivilegedUser {
 public:
  AsUnprivilegedUser() {
    if (is_root_) {
      EXPECT_EQ(::setegid(kNobody), 0);
      EXPECT_EQ(::seteuid(kNobody), 0);
    }
  }
  AsUnprivilegedUser(const AsUnprivilegedUser&) = delete;
  AsUnprivilegedUser& operator=(const AsUnprivilegedUser&) = delete;
  ~AsUnprivilegedUser() {
    if (is_root_) {
      EXPECT_EQ(::seteuid(0), 0);
      EXPECT_EQ(::setegid(0), 0);
    }
  }

 private:
  static constexpr uid_t kNobody = 65534;

  bool is_root_ = ::geteuid() == 0;
};

class DeniedTest : public CapiTest {
 protected:
  DeniedTest() { make_sample("a.cim"); }
  ~DeniedTest() override { allow(path(), perms::owner_all); }

  static void allow(const std::filesystem::path& path, perms permissions) {
    std::filesystem::permissions(path, permissions);
  }

  /// Tries to create a new image and a fork.
  void expect_creating_is_denied() const {
    CIMFS_IMAGE_HANDLE image = nullptr;
    EXPECT_RESULT(CimCreateImage(folder(), nullptr, "b.cim"_w, &image), E_ACCESSDENIED);
    EXPECT_RESULT(CimCreateImage(folder(), "a.cim"_w, "b.cim"_w, &image), E_ACCESSDENIED);
    EXPECT_EQ(image, nullptr);
  }
  void expect_reading_is_denied() const {
    CIMLIB_IMAGE_HANDLE image = nullptr;
    EXPECT_RESULT(CimlibOpenImage(folder(), "a.cim"_w, &image), E_ACCESSDENIED);
    std::array<char, 8> bytes{};
    UINT64 count = 0;
    UINT64 left = 0;
    EXPECT_RESULT(CimReadFile(Wide(path() / "a.cim"), "link"_w, 0, bytes.data(), 8, &count, &left),
                  E_ACCESSDENIED);
  }
  void expect_mounting_is_denied() const {
    const AsUnprivilegedUser user;
    const GUID volume = {4, 3, 2, {1}};
    const HRESULT result = CimMountImage(folder(), "a.cim"_w, CIM_MOUNT_IMAGE_NONE, &volume);
    EXPECT_TRUE(result == E_ACCESSDENIED || result == win32(ERROR_NOT_SUPPORTED)) << hex(result);
  }
};

TEST_F(DeniedTest, CreatingAndReadingFailWithoutSearchPermission) {
  allow(path(), perms::none);
  const AsUnprivilegedUser user;
  expect_creating_is_denied();
  expect_reading_is_denied();
}

TEST_F(DeniedTest, CreatingFailsWithoutWritePermission) {
  allow(path(), perms::owner_read | perms::owner_exec | perms::others_read | perms::others_exec);
  const AsUnprivilegedUser user;
  expect_creating_is_denied();
}

TEST_F(DeniedTest, OpeningFailsWithoutReadPermission) {
  allow(path(), perms::all);
  allow(path() / "a.cim", perms::none);
  const AsUnprivilegedUser user;
  CIMFS_IMAGE_HANDLE image = nullptr;
  EXPECT_RESULT(CimCreateImage(folder(), "a.cim"_w, "b.cim"_w, &image), E_ACCESSDENIED);
  expect_reading_is_denied();
}

TEST_F(DeniedTest, MountingFailsWithoutReadPermission) {
  allow(path(), perms::all);
  allow(path() / "a.cim", perms::none);
  expect_mounting_is_denied();
}

TEST_F(DeniedTest, MountingFailsWithoutAWritableRuntimeDirectory) {
  allow(path(), perms::all);
  const auto run = path() / "run";
  std::filesystem::create_directory(run);
  allow(run, perms::none);
  const char* const before = std::getenv("XDG_RUNTIME_DIR");
  const std::optional<std::string> saved = before == nullptr ? std::nullopt : std::optional(before);
  ::setenv("XDG_RUNTIME_DIR", run.c_str(), 1);
  expect_mounting_is_denied();
  if (saved) {
    ::setenv("XDG_RUNTIME_DIR", saved->c_str(), 1);
  } else {
    ::unsetenv("XDG_RUNTIME_DIR");
  }
  allow(run, perms::owner_all);
}

}  // namespace
}  // namespace cim::test
