// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "mount/base/trusted_directory.h"

#include <fstream>

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cimlib/error.h"

#include "expect_error.h"
#include "temporary_directory.h"

namespace cim::mount {
namespace {

namespace fs = std::filesystem;
using test::expect_error;

unsigned mode_of_path(const fs::path& path) {
  struct stat status {};
  EXPECT_EQ(::lstat(path.c_str(), &status), 0) << path;
  return status.st_mode & 07777U;
}

class TrustedDirectories : public testing::Test {
 protected:
  fs::path at(const fs::path& below) const { return fs::canonical(directory_.path()) / below; }

 private:
  test::TemporaryDirectory directory_;
};

class Umask {
 public:
  explicit Umask(mode_t mask) : before_(::umask(mask)) {}
  Umask(const Umask&) = delete;
  Umask& operator=(const Umask&) = delete;
  ~Umask() { ::umask(before_); }

 private:
  mode_t before_;
};

TEST_F(TrustedDirectories, AreCreatedWithTheirModeRegardlessOfTheUmask) {
  for (const mode_t mask : {0U, 022U, 077U, 0777U}) {
    const Umask umask(mask);
    const fs::path top = at(std::to_string(mask));
    const auto made = make_trusted_directory(top / "a/b", 0755);
    EXPECT_EQ(made.path, top / "a/b");
    make_trusted_child(made, "c", 0700);
    EXPECT_EQ(mode_of_path(top), 0755U);
    EXPECT_EQ(mode_of_path(top / "a"), 0755U);
    EXPECT_EQ(mode_of_path(top / "a/b"), 0755U);
    EXPECT_EQ(mode_of_path(top / "a/b/c"), 0700U);
  }
}

TEST_F(TrustedDirectories, FollowSymbolicLinksAndDotDot) {
  fs::create_directories(at("far/away"));
  fs::create_directory_symlink("far/away", at("relative"));
  fs::create_directory_symlink(at("far/away"), at("absolute"));
  EXPECT_EQ(find_trusted_directory(at("relative"))->path, at("far/away"));
  EXPECT_EQ(find_trusted_directory(at("absolute/../away/."))->path, at("far/away"));
  EXPECT_FALSE(find_trusted_directory(at("relative/missing")));
  fs::create_directory_symlink("loop", at("loop"));
  EXPECT_THROW(find_trusted_directory(at("loop")), Error);
  std::ofstream(at("file")) << "x";
  EXPECT_THROW(find_trusted_directory(at("file/x")), Error);
}

TEST_F(TrustedDirectories, RejectDirectoriesThatOthersCanWrite) {
  fs::create_directories(at("open/inside"));
  ASSERT_EQ(::chmod(at("open").c_str(), 0777), 0);
  expect_error(ErrorCode::kAccessDenied, "others may write there",
               [&] { find_trusted_directory(at("open/inside")); });
  ASSERT_EQ(::chmod(at("open").c_str(), 0770), 0);
  expect_error(ErrorCode::kAccessDenied, "others may write there",
               [&] { make_trusted_directory(at("open/inside/new"), 0755); });
  ASSERT_EQ(::chmod(at("open").c_str(), 01777), 0);
  const auto inside = find_trusted_directory(at("open/inside"));
  ASSERT_TRUE(inside);
  require_private(*inside);
  const auto sticky = find_trusted_directory(at("open"));
  ASSERT_TRUE(sticky);
  expect_error(ErrorCode::kAccessDenied, "others may write there",
               [&] { require_private(*sticky); });
}

TEST_F(TrustedDirectories, RejectDirectoriesAndLinksOfOtherUsers) {
  if (::geteuid() != 0) {
    GTEST_SKIP() << "only root can give files away";
  }
  constexpr uid_t kOther = 12345;
  fs::create_directories(at("theirs/inside"));
  fs::create_directory_symlink("theirs", at("link"));
  ASSERT_EQ(::lchown(at("link").c_str(), kOther, kOther), 0);
  expect_error(ErrorCode::kAccessDenied, "link", [&] { find_trusted_directory(at("link")); });
  ASSERT_EQ(::chown(at("theirs").c_str(), kOther, kOther), 0);
  expect_error(ErrorCode::kAccessDenied, "it belongs to user 12345",
               [&] { find_trusted_directory(at("theirs/inside")); });
}

TEST_F(TrustedDirectories, RejectAChildThatIsASymbolicLink) {
  fs::create_directories(at("other"));
  fs::create_directory_symlink("other", at("child"));
  const auto directory = make_trusted_directory(at(""), 0755);
  EXPECT_THROW(make_trusted_child(directory, "child", 0755), Error);
}

}  // namespace
}  // namespace cim::mount
