// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// A store in a temporary directory, and queries about the layers in it.

#include <fstream>
#include <iterator>
#include <set>
#include <string>
#include <string_view>

#include <gtest/gtest.h>

#include "cimlib/gc.h"
#include "cimlib/image.h"
#include "cimlib/layer.h"

#include "base/bytes.h"
#include "temporary_directory.h"

namespace cim::test {

inline std::string read_file(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

class LayerTest : public testing::Test {
 protected:
  std::filesystem::path layer(std::string_view name) const { return store_ / name; }

  /// Returns the bytes of a file in a layer's image, or "(none)".
  static std::string text_in(const std::filesystem::path& layer, std::string_view path) {
    const Image image(layer::cim_path(layer));
    const auto id = image.find(ImagePath::parse(path));
    if (!id) {
      return "(none)";
    }
    return std::string(as_text(image.open(*id).read_all(1 << 24)));
  }

  /// Returns the files below a directory, such as "a/b".
  static std::set<std::string> files_below(const std::filesystem::path& directory) {
    std::set<std::string> files;
    if (std::filesystem::exists(directory)) {
      for (const auto& entry : std::filesystem::recursive_directory_iterator(directory)) {
        if (!entry.is_directory()) {
          files.insert(entry.path().lexically_relative(directory).string());
        }
      }
    }
    return files;
  }

  /// Returns the sidecar files of a layer with a marker.
  static std::set<std::string> sidecar_files(const std::filesystem::path& layer) {
    auto files = files_below(layer);
    EXPECT_EQ(files.erase(".cimlib-layer"), 1U);
    return files;
  }

  TemporaryDirectory directory_;
  std::filesystem::path store_ = directory_.path() / "store";
};

}  // namespace cim::test
