// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include <atomic>
#include <cstdio>
#include <fstream>
#include <string>
#include <thread>

#include <fcntl.h>
#include <gmock/gmock.h>

#include "cimlib/error.h"

#include "layer/commit/commit_fixture.h"
#include "layer/commit/upper_link.h"

namespace cim::layer {
namespace {

using test::expect_error;

TEST_F(CommitTest, LinkThatWasCopiedKeepsItsReparseData) {
  std::filesystem::create_symlink("d", upper_ / "Files/link");  // as a mount shows C:\d
  commit();
  EXPECT_EQ(link("Files/link"), "C:\\d");
  EXPECT_EQ(descriptor("Files/link"), descriptor_);
}

TEST_F(CommitTest, NewLinksBecomeWindowsLinks) {
  std::filesystem::create_symlink("d/a", upper_ / "Files/link");
  std::filesystem::create_directory(upper_ / "Files/d");
  std::filesystem::create_symlink("../d", upper_ / "Files/d/to-directory");
  std::filesystem::create_symlink("/d/e", upper_ / "Files/d/rooted");
  std::filesystem::create_symlink("nowhere/at/all", upper_ / "Files/d/dangling");
  EXPECT_EQ(commit().links, 4U);
  EXPECT_EQ(link("Files/link"), "d\\a");
  EXPECT_FALSE(info("Files/link").is_directory());
  EXPECT_EQ(link("Files/d/to-directory"), "..\\d");
  EXPECT_TRUE(info("Files/d/to-directory").is_directory());
  EXPECT_EQ(link("Files/d/rooted"), "\\d\\e");
  EXPECT_TRUE(info("Files/d/rooted").is_directory());
  EXPECT_FALSE(info("Files/d/dangling").is_directory());
}

TEST_F(CommitTest, HardLinksAreKeptWithinTheLayer) {
  std::filesystem::create_hard_link(put("Files/n"), upper_ / "Files/m");
  const CommitResult result = commit();
  EXPECT_EQ(result.hard_links, 1U);
  EXPECT_EQ(file_of(layer("new"), "Files/n"), file_of(layer("new"), "Files/m"));
}

TEST_F(CommitTest, FilesOfALayerIsNotALink) {
  std::filesystem::remove(upper_ / "Files");
  std::filesystem::create_directory(directory_.path() / "elsewhere");
  std::ofstream(directory_.path() / "elsewhere" / "secret") << "secret";
  std::filesystem::create_directory_symlink(directory_.path() / "elsewhere", upper_ / "Files");
  expect_error(ErrorCode::kCorrupt, "only files below Files", [&] { commit(); });
  EXPECT_FALSE(is_cim_layer(layer("new")));
}

// A directory is replaced by a link to another one all the time.
TEST_F(CommitTest, NeverReadsThroughALink) {
  const auto outside = directory_.path() / "elsewhere";
  std::filesystem::create_directory(outside);
  std::ofstream(outside / "secret") << "secret";
  std::filesystem::create_directory(upper_ / "Files/x");
  std::filesystem::create_directory_symlink(outside, upper_ / "Files/y");
  std::atomic<bool> is_done = false;
  std::thread swapping([&] {
    while (!is_done) {
      ::renameat2(AT_FDCWD, (upper_ / "Files/x").c_str(), AT_FDCWD, (upper_ / "Files/y").c_str(),
                  RENAME_EXCHANGE);
    }
  });
  for (int i = 0; i < 20; ++i) {
    try {
      commit();
      EXPECT_EQ(text_in(layer("new"), "Files/x/secret"), "(none)");
      EXPECT_EQ(text_in(layer("new"), "Files/y/secret"), "(none)");
      destroy(layer("new"));
    } catch (const Error&) {  // it noticed
      EXPECT_FALSE(is_cim_layer(layer("new")));
    }
  }
  is_done = true;
  swapping.join();
}

TEST(PathOfTarget, IsResolvedAsText) {
  const auto from = [](const char* directory, std::string_view target) {
    const auto path = path_of_target(ImagePath::parse(directory), target);
    return path ? path->to_string() : "(none)";
  };
  EXPECT_EQ(from("Files/a", "../b/./c"), "\\Files\\b\\c");
  EXPECT_EQ(from("Files/a", "/b"), "\\Files\\b");
  EXPECT_EQ(from("Files/a", "../../../../b"), "\\Files\\b");
  EXPECT_EQ(from("UtilityVM/Files/a", "/b"), "\\UtilityVM\\Files\\b");
  EXPECT_EQ(from("Hives", "x/../y"), "\\Hives\\y");
  EXPECT_EQ(from("Files", "a:b"), "(none)");
  EXPECT_EQ(from("Files", std::string(300, 'x')), "(none)");
}

}  // namespace
}  // namespace cim::layer
