// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include <string>

#include <gtest/gtest.h>

#include "cimlib/host_path.h"

#include "expect_error.h"
#include "os/file.h"
#include "os/host_path.h"
#include "os/native_windows.h"
#include "temporary_directory.h"

namespace cim {
namespace {

TEST(HostPath, IsUtf8) {
  EXPECT_EQ(host_path("gr\u00fc\u00dfe/\U0001f600").native(), L"gr\u00fc\u00dfe/\U0001f600");
  EXPECT_EQ(host_name("\u20ac").native(), L"\u20ac");
  test::expect_error(ErrorCode::kInvalidArgument, "is not a valid path", [] { host_path("\xFF"); });
}

TEST(HostPath, GetsTheUnlimitedFormIfItIsLong) {
  const std::string name(120, 'x');
  EXPECT_EQ(host_path("C:\\a\\b").native(), L"C:\\a\\b");
  EXPECT_TRUE(host_path("C:/" + name + "/" + name).native().starts_with(L"\\\\?\\C:\\x"));
  EXPECT_TRUE(host_path("//server/share/" + name + name)
                  .native()
                  .starts_with(L"\\\\?\\UNC\\server\\share\\x"));
  EXPECT_TRUE(host_path("..\\" + name + "/../" + name + name).native().starts_with(L"\\\\?\\"));
}

TEST(HostPath, IsCanonicalInOneForm) {
  const test::TemporaryDirectory directory;
  const auto name = directory.path() / "Name";
  std::filesystem::create_directory(name);
  const auto canonical = canonical_path(name);
  EXPECT_TRUE(canonical.native().starts_with(L"\\\\?\\"));
  EXPECT_EQ(canonical_path(directory.path() / "x" / ".." / "name"), canonical);
  EXPECT_EQ(canonical.parent_path(), canonical_path(directory.path()));
  test::expect_error(ErrorCode::kNotFound, "nothing",
                     [&] { canonical_path(directory.path() / "nothing"); });
}

TEST(HostPath, OpensFilesBelowLongDirectories) {
  const test::TemporaryDirectory directory;
  std::filesystem::path path = directory.path();
  for (int i = 0; i < 6; ++i) {
    path /= std::string(60, 'd');
    std::filesystem::create_directory(native_path(path));
  }
  {
    AtomicFile file(path / "file");
    file.file().write_at(0, as_bytes("hello"));
    file.publish(Publish::kFailIfThere);
  }
  EXPECT_EQ(as_text(read_whole_file(path / "file", 100)), "hello");
  EXPECT_TRUE(remove_file(path / "file"));
  for (; path != directory.path(); path = path.parent_path()) {
    EXPECT_TRUE(remove_empty_directory(path));
  }
}

}  // namespace
}  // namespace cim
