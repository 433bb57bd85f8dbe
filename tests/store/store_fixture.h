// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#pragma once

// A store for a test, and a layout to import images from.

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "cimlib/oci.h"
#include "cimlib/store.h"

#include "oci/layout_directory.h"
#include "tar/tar_builder.h"
#include "temporary_directory.h"

namespace cim::test {

class StoreFixture : public testing::Test {
 protected:
  static std::string tar_of(const std::string& file) {
    return EntryBytes{.name = "Files", .type = '5'}.bytes() +
           EntryBytes{.name = "Files/" + file, .body = file}.bytes() + end_marker();
  }

  /// Imports an image whose layers have one file each, under a name; returns its digest.
  std::string import(const std::string& name, const std::vector<std::string>& files) const {
    std::vector<std::string> tars;
    for (const std::string& file : files) {
      tars.push_back(tar_of(file));
    }
    const nlohmann::json image = layout_.add_image(tars);
    layout_.write_index({name.empty() ? image : named(image, name)});
    return oci::import_image(layout_.path(), store_).image.manifest;
  }

  /// Returns the directory of the top layer of an image.
  std::filesystem::path top_of(const std::string& which) const {
    return store_ / store::find(store_, which).layers.back().substr(7);
  }
  std::size_t count_layers() const {
    std::size_t count = 0;
    for (const auto& entry : std::filesystem::directory_iterator(store_ / "cim-layers")) {
      count += entry.path().extension() == ".cim" ? 1U : 0U;
    }
    return count;
  }
  std::filesystem::path record(const char* kind, const std::string& digest) const {
    return store_ / "cim-images" / kind / (digest.substr(7) + ".json");
  }
  static std::string text_of(const std::filesystem::path& file) {
    std::ifstream in(file, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
  }

  TemporaryDirectory directory_;
  LayoutDirectory layout_{directory_.path() / "layout"};
  std::filesystem::path store_ = directory_.path() / "store";
};

}  // namespace cim::test
