// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// Extractions of images that are written in the test.

#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>
#include <string>
#include <string_view>

#include <gtest/gtest.h>
#include <sys/stat.h>

#include "cimlib/extract.h"
#include "cimlib/reparse.h"

#include "image/sample_image.h"
#include "temporary_directory.h"

namespace cim::test {

namespace fs = std::filesystem;

inline std::string content(const fs::path& file) {
  std::ifstream stream(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>()};
}

inline struct stat status_of(const fs::path& file) {
  struct stat status {};
  EXPECT_EQ(::lstat(file.c_str(), &status), 0) << file;
  return status;
}

inline std::set<std::string> names_below(const fs::path& directory) {
  std::set<std::string> names;
  for (const auto& entry : fs::recursive_directory_iterator(directory)) {
    names.insert(entry.path().lexically_relative(directory).string());
  }
  return names;
}

inline Bytes symlink_to(std::string_view target) {
  return ReparsePoint::pointing_to(reparse_tag::kSymlink, target).encode();
}

/// An image, and the directory that it is extracted into.
class Extract : public testing::Test {
 protected:
  Extract() { fs::create_directory(file_.parent_path()); }

  ExtractSummary run(std::string_view from = "", const ExtractOptions& options = {}) {
    return extract(Image(file_), path(from), destination_, options);
  }

  template <typename Fill>
  void write_image(const Fill& fill) {
    ImageWriter writer(file_, sample_options());
    fill(writer);
    writer.commit();
  }

  TemporaryDirectory directory_;
  fs::path file_ = directory_.path() / "image/sample.cim";
  fs::path destination_ = directory_.path() / "out";
};

}  // namespace cim::test
