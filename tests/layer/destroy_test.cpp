// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include <gmock/gmock.h>

#include "cimlib/layer_writer.h"

#include "expect_error.h"
#include "layer/layer_marker.h"
#include "layer/sidecar_paths.h"
#include "layer_test.h"
#include "os/directory_lock.h"
#include "sample_hives.h"

namespace cim::layer {
namespace {

using test::expect_error;
using testing::ElementsAre;
using testing::IsEmpty;

class DestroyTest : public test::LayerTest {
 protected:
  void make(std::string_view name, const std::vector<LayerPaths>& parents = {}) {
    LayerWriter writer(layer(name), parents);
    if (parents.empty()) {
      for (const char* const path :
           {"Files", "Files/Windows", "Files/Windows/System32", "Files/Windows/System32/config"}) {
        writer.add(ImagePath::parse(path), {.attributes = attribute::kDirectory});
      }
      const std::string bytes = test::base_hive({});
      for (const LayerHive& hive : kLayerHives) {
        writer.add(ImagePath::parse(hive.config()), {}, bytes.size());
        writer.write(std::as_bytes(std::span(bytes)));
      }
    }
    writer.close();
  }
};

TEST_F(DestroyTest, RemovesAllFilesOfALayer) {
  make("base");
  make("other");
  const auto before = files_below(store_ / "cim-layers");
  EXPECT_TRUE(destroy(layer("base")));
  EXPECT_FALSE(std::filesystem::exists(layer("base")));
  EXPECT_EQ(files_below(store_ / "cim-layers").size(), before.size() / 2);
  EXPECT_TRUE(is_cim_layer(layer("other")));
  EXPECT_TRUE(find_garbage(store_ / "cim-layers").empty());
}

TEST_F(DestroyTest, OfAMissingLayerSucceeds) {
  EXPECT_FALSE(destroy(layer("base")));
  make("base");
  EXPECT_FALSE(destroy(store_));
  EXPECT_TRUE(destroy(layer("base")));
  EXPECT_FALSE(destroy(layer("base")));
  EXPECT_FALSE(destroy(layer("base")));
}

TEST_F(DestroyTest, RemovesNothingIfTheImageCannotBeAccessed) {
  make("base");
  std::filesystem::rename(store_ / "cim-layers", store_ / "elsewhere");
  std::filesystem::create_symlink("cim-layers", store_ / "cim-layers");  // to itself
  EXPECT_FALSE(is_cim_layer(layer("base")));
  expect_error(ErrorCode::kInvalidArgument, "cannot access", [&] { destroy(layer("base")); });
  EXPECT_TRUE(std::filesystem::exists(layer("base") / kLayoutFile));
}

TEST_F(DestroyTest, KeepsForeignFiles) {
  make("base");
  std::ofstream(layer("base") / "sandbox.vhdx") << "x";
  std::ofstream(layer("base") / "Hives" / "mine") << "x";
  EXPECT_TRUE(destroy(layer("base")));
  EXPECT_THAT(files_below(layer("base")), ElementsAre("Hives/mine", "sandbox.vhdx"));
}

TEST_F(DestroyTest, RefusesWhileTheLayerIsAParent) {
  make("base");
  make("child", {layer("base")});
  const auto before = files_below(store_);
  expect_error(ErrorCode::kBusy, "other images need it: child.cim",
               [&] { destroy(layer("base")); });
  EXPECT_EQ(files_below(store_), before);
  EXPECT_TRUE(destroy(layer("child")));
  EXPECT_TRUE(destroy(layer("base")));
  EXPECT_THAT(files_below(store_), IsEmpty());
}

TEST_F(DestroyTest, RemovesLeftoversOfACrash) {
  make("base");
  std::filesystem::remove(cim_path(layer("base")));
  EXPECT_TRUE(destroy(layer("base")));
  EXPECT_FALSE(std::filesystem::exists(layer("base")));
}

TEST_F(DestroyTest, KeepsFilesWithoutProof) {
  std::filesystem::create_directories(layer("empty"));
  EXPECT_FALSE(destroy(layer("empty")));
  EXPECT_TRUE(std::filesystem::exists(layer("empty")));
  make("base");
  std::filesystem::copy(layer("base"), store_ / "tree", std::filesystem::copy_options::recursive);
  std::filesystem::remove(store_ / "tree" / kMarkerFile);
  const auto before = files_below(store_ / "tree");
  EXPECT_FALSE(destroy(store_ / "tree"));
  EXPECT_EQ(files_below(store_ / "tree"), before);
}

TEST_F(DestroyTest, KeepsADirectoryThatExistedBefore) {
  std::filesystem::create_directories(layer("base") / "Hives");
  make("base");
  EXPECT_TRUE(destroy(layer("base")));
  EXPECT_TRUE(std::filesystem::exists(layer("base") / "Hives"));
  EXPECT_FALSE(std::filesystem::exists(layer("base") / "Files"));
}

TEST_F(DestroyTest, KeepsFilesThatTheLayerDoesNotHave) {
  make("base");
  make("child", {layer("base")});
  std::ofstream(layer("child") / kLayoutFile) << "precious";
  std::ofstream(layer("child") / kUtilityVmBuildFile) << "precious";
  EXPECT_TRUE(destroy(layer("child")));
  EXPECT_THAT(files_below(layer("child")), ElementsAre("layout", "uvmbuildversion"));
}

TEST_F(DestroyTest, WithoutAMarkerRemovesFilesThatTheImageContains) {
  make("base");
  std::filesystem::remove(layer("base") / kMarkerFile);
  std::ofstream(layer("base") / "Hives" / "SAM_DELTA") << "precious";
  {
    const DirectoryLock lock(store_ / "cim-layers");
    const auto before = files_below(store_);
    expect_error(ErrorCode::kBusy, "is writing images there", [&] { destroy(layer("base")); });
    EXPECT_EQ(files_below(store_), before);
  }
  EXPECT_TRUE(destroy(layer("base")));
  EXPECT_THAT(files_below(layer("base")), ElementsAre("Hives/SAM_DELTA"));
}

TEST_F(DestroyTest, OfADamagedImageWithoutAMarkerRemovesTheImage) {
  make("base");
  std::filesystem::remove(layer("base") / kMarkerFile);
  const auto before = files_below(layer("base"));
  std::ofstream(cim_path(layer("base"))) << "no image";
  EXPECT_TRUE(destroy(layer("base")));
  EXPECT_EQ(files_below(layer("base")), before);
}

TEST_F(DestroyTest, CompletesAnInterruptedCall) {
  make("base");
  std::filesystem::remove(cim_path(layer("base")));
  for (const std::string& file : sidecar_files(layer("base"))) {
    EXPECT_TRUE(std::filesystem::remove(layer("base") / file));
    if (file.starts_with("Hives")) {
      break;
    }
  }
  EXPECT_TRUE(destroy(layer("base")));
  EXPECT_FALSE(std::filesystem::exists(layer("base")));
}

TEST_F(DestroyTest, ResolvesItsPath) {
  for (const char* const name :
       {"link", "base/.", "other/../base", "base//", "elsewhere/../base"}) {
    make("base");
    make("other");
    std::filesystem::create_directories(directory_.path() / "deep" / "down");
    std::filesystem::create_directory_symlink("../deep/down", store_ / "elsewhere");
    std::filesystem::create_directory_symlink("base", store_ / "link");
    const bool is_another = std::string_view(name).starts_with("elsewhere");
    EXPECT_EQ(destroy(store_ / name), !is_another) << name;
    EXPECT_EQ(std::filesystem::exists(layer("base")), is_another) << name;
    EXPECT_EQ(is_cim_layer(layer("base")), is_another) << name;
    EXPECT_TRUE(is_cim_layer(layer("other")));
    std::filesystem::remove_all(store_);
  }
}

TEST_F(DestroyTest, RemovesAFileThatIsNotAnImage) {
  make("base");
  std::ofstream(cim_path(layer("base"))) << "no image";
  EXPECT_TRUE(destroy(layer("base")));
  EXPECT_FALSE(is_cim_layer(layer("base")));
  EXPECT_EQ(collect_garbage(store_ / "cim-layers").size(), 6U);
}

TEST_F(DestroyTest, RefusesWhileAWriterIsActive) {
  make("base");
  const DirectoryLock lock(store_ / "cim-layers");
  expect_error(ErrorCode::kBusy, "is writing images there", [&] { destroy(layer("base")); });
  EXPECT_TRUE(is_cim_layer(layer("base")));
}

TEST_F(DestroyTest, FollowsNoLinksOutOfTheLayer) {
  make("base");
  const auto outside = directory_.path() / "outside";
  std::filesystem::create_directory(outside);
  std::ofstream(outside / "SYSTEM_BASE") << "precious";
  std::filesystem::remove_all(layer("base") / "Hives");
  std::filesystem::create_directory_symlink(outside, layer("base") / "Hives");
  EXPECT_TRUE(destroy(layer("base")));
  EXPECT_THAT(files_below(outside), ElementsAre("SYSTEM_BASE"));
}

}  // namespace
}  // namespace cim::layer
