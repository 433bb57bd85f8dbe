// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include <fstream>

#include <gtest/gtest.h>

#include "cimlib/layer.h"

#include "temporary_directory.h"

namespace cim::layer {
namespace {

TEST(LayerPaths, AreBesideTheLayer) {
  EXPECT_EQ(cim_name("/store/7"), "7.cim");
  EXPECT_EQ(cim_dir("/store/7"), "/store/cim-layers");
  EXPECT_EQ(cim_path("/store/7"), "/store/cim-layers/7.cim");
}

TEST(LayerPaths, IgnoreSeparatorsAtTheEnd) {
  EXPECT_EQ(cim_path("/store/7/"), "/store/cim-layers/7.cim");
  EXPECT_EQ(cim_path("/store/7//"), "/store/cim-layers/7.cim");
}

TEST(LayerPaths, MayBeRelative) {
  EXPECT_EQ(cim_path("7"), "cim-layers/7.cim");
  EXPECT_EQ(cim_path("a.b/7.x"), "a.b/cim-layers/7.x.cim");
}

TEST(IsCimLayer, ChecksForTheImage) {
  const test::TemporaryDirectory directory;
  const auto layer = directory.path() / "7";
  EXPECT_FALSE(is_cim_layer(layer));
  std::filesystem::create_directory(cim_dir(layer));
  std::ofstream(cim_path(layer)) << "x";
  EXPECT_TRUE(is_cim_layer(layer));
}

}  // namespace
}  // namespace cim::layer
