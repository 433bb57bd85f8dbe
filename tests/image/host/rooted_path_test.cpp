// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
// Paths through links that end in a directory, or do not.

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include <fcntl.h>
#include <gtest/gtest.h>

#include "image/host/rooted_path_posix.h"
#include "os/descriptor_posix.h"
#include "temporary_directory.h"

namespace cim {
namespace {

class RootedPath : public testing::Test {
 protected:
  RootedPath() {
    std::filesystem::create_directories(root_ / "a/b");
    std::filesystem::create_directories(directory_.path() / "outside");
    std::ofstream(root_ / "a/file") << "text";
    link("b", "a/relative");
    link("/a/b", "absolute");
    link("../../../../a", "a/b/up");
    link("../outside", "out");
    link("absolute/../relative/..", "several");
    link("a/file", "to file");
    link("loop", "loop");
    link("nothing", "dangling");
    link("///", "a/to root");
    for (int i = 0; i < 45; ++i) {
      link(i == 0 ? "a" : "long" + std::to_string(i - 1), "long" + std::to_string(i));
    }
  }

  void link(const std::string& target, const std::string& name) {
    std::filesystem::create_symlink(target, root_ / name);
  }

  test::TemporaryDirectory directory_;
  std::filesystem::path root_ = directory_.path() / "root";
};

TEST_F(RootedPath, LeadsWhereTheSystemSays) {
  const Descriptor root(open_retrying(root_, O_PATH | O_DIRECTORY));
  const std::vector<std::pair<std::string, bool>> paths = {
      {"a", true},           {"a/b/", true},       {"a/relative", true},   {"absolute", true},
      {"a/b/up/b", true},    {"several", true},    {"..", true},           {"../../a/./b", true},
      {"a/to root/a", true}, {"long39", true},     {"long44", false},      {"out", false},
      {"a/file", false},     {"to file", false},   {"loop", false},        {"dangling", false},
      {"missing", false},    {"a/file/..", false}, {"to file/x", false},   {"../outside", false},
      {"missing/..", false}, {"/a/b", true},       {"a//relative/", true},
  };
  for (const auto& [path, expected] : paths) {
    EXPECT_EQ(leads_to_directory_by_steps(root.get(), path), expected) << path;
    EXPECT_EQ(leads_to_directory(root.get(), path), expected) << path;
  }
}

}  // namespace
}  // namespace cim
