// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include <fstream>

#include <gmock/gmock.h>

#include "cimlib/layer.h"
#include "cimlib/layer_export.h"

#include "expect_error.h"
#include "layer/layer_marker.h"
#include "layer_test.h"
#include "sample_hives.h"
#include "tar/tar_builder.h"

namespace cim::layer {
namespace {

using test::EntryBytes;
using test::expect_error;
using testing::ElementsAre;
using testing::IsEmpty;

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

TEST(LayerPaths, TheImageIsTheDefaultOneUnlessItIsNamed) {
  const test::TemporaryDirectory directory;
  const auto layer = directory.path() / "7";
  std::filesystem::create_directory(layer);
  std::filesystem::create_directory_symlink("7", directory.path() / "link");
  EXPECT_EQ(LayerPaths(layer).image_path(), cim_path(layer));
  EXPECT_EQ(LayerPaths(directory.path() / "link").image_path(),
            cim_path(std::filesystem::canonical(layer)));
  const LayerPaths named = LayerPaths(directory.path() / "link", "x.cim").resolved();
  EXPECT_EQ(named.layer, std::filesystem::canonical(layer));
  EXPECT_EQ(named.image, "x.cim");
}

/// Layers in STORE/snapshots with their images in STORE/images.
class ExplicitPaths : public test::LayerTest {
 protected:
  LayerPaths paths(std::string_view name) const {
    return {store_ / "snapshots" / name, store_ / "images" / (std::string(name) + ".cim")};
  }

  void import(const LayerPaths& layer, const std::string& entries,
              const std::vector<LayerPaths>& parents = {}) {
    const auto tar = directory_.path() / "layer.tar";
    std::ofstream(tar, std::ios::binary)
        << EntryBytes{.name = "Files", .type = '5'}.bytes() << entries << test::end_marker();
    import_tar(tar, layer, parents);
  }

  void import_base() {
    std::string entries;
    for (const char* const name : {"SYSTEM", "SOFTWARE", "SAM", "SECURITY", "DEFAULT"}) {
      entries += EntryBytes{.name = "Files/Windows/System32/config/" + std::string(name),
                            .body = test::base_hive({{u"from", u"base"}})}
                     .bytes();
    }
    const std::string above =
        EntryBytes{.name = "Files/Windows", .type = '5'}.bytes() +
        EntryBytes{.name = "Files/Windows/System32", .type = '5'}.bytes() +
        EntryBytes{.name = "Files/Windows/System32/config", .type = '5'}.bytes();
    import(paths("base"), above + entries + EntryBytes{.name = "Files/a", .body = "a"}.bytes());
  }

  void import_child() {
    import(paths("child"),
           EntryBytes{.name = "Files/.wh.a"}.bytes() + EntryBytes{.name = "Hives/SAM_DELTA",
                                                                  .body = test::delta_hive(
                                                                      {{ u"x",
                                                                         u"1" }})}
                                                           .bytes(),
           {paths("base")});
  }
};

TEST_F(ExplicitPaths, OfALayerAndItsParent) {
  import_base();
  import_child();
  EXPECT_THAT(sidecar_files(paths("child").layer),
              ElementsAre("Hives/SAM_BASE", "Hives/SAM_DELTA"));
  const Image image(paths("child").image);
  EXPECT_FALSE(image.find(ImagePath::parse("Files/a")));
  EXPECT_TRUE(image.find(ImagePath::parse("Hives/SAM_BASE")));
  EXPECT_FALSE(std::filesystem::exists(store_ / "snapshots" / "cim-layers"));
  expect_error(ErrorCode::kExists, "child.cim", [&] { import_child(); });
}

TEST_F(ExplicitPaths, DoNotChangeTheImage) {
  const auto tar = directory_.path() / "layer.tar";
  std::ofstream(tar, std::ios::binary) << EntryBytes{.name = "Files", .type = '5'}.bytes();
  const ImportOptions options = {.writer = {.reproducible = true}};
  import_tar(tar, layer("x"), {}, options);
  import_tar(tar, paths("x"), {}, options);
  const auto files = files_below(store_ / "images");
  EXPECT_GT(files.size(), 1U);
  EXPECT_EQ(files_below(store_ / "cim-layers"), files);
  for (const std::string& file : files) {
    EXPECT_EQ(test::read_file(store_ / "images" / file),
              test::read_file(store_ / "cim-layers" / file))
        << file;
  }
}

TEST_F(ExplicitPaths, ALayerIsExportedAsTheDifferenceToItsParent) {
  import_base();
  import_child();
  std::uint64_t whiteouts = 0;
  const auto ignore = [](std::span<const std::byte>) {};
  for (const std::vector<LayerPaths>& parents :
       {std::vector<LayerPaths>{}, std::vector<LayerPaths>{paths("base")}}) {
    const ExportResult result = export_tar(paths("child"), ignore, {.parents = parents});
    EXPECT_EQ(result.parent, paths("base").image);
    whiteouts += result.whiteouts;
  }
  EXPECT_EQ(whiteouts, 2U);
}

TEST_F(ExplicitPaths, TheImageOfAParentMustBeInTheSameDirectory) {
  import_base();
  const LayerPaths elsewhere = {store_ / "snapshots" / "child", store_ / "others" / "child.cim"};
  std::filesystem::create_directory(store_ / "others");
  expect_error(ErrorCode::kInvalidArgument, "must be in the directory of the new image",
               [&] { import(elsewhere, {}, {paths("base")}); });
  expect_error(ErrorCode::kNotFound, "snapshots/cim-layers/base.cim does not exist",
               [&] { import(paths("child"), {}, {paths("base").layer}); });
}

TEST_F(ExplicitPaths, TheImageMustNotBeInTheLayersDirectory) {
  const auto layer = store_ / "snapshots" / "x";
  for (const auto& image : {layer / "x.cim", layer / ".." / "x" / "x.cim"}) {
    expect_error(ErrorCode::kInvalidArgument, "must not be in the directory of the layer", [&] {
      import({layer, image}, {});
    });
  }
  EXPECT_FALSE(std::filesystem::exists(store_));
}

TEST_F(ExplicitPaths, DestroyRemovesAllFiles) {
  import_base();
  import_child();
  expect_error(ErrorCode::kBusy, "child.cim", [&] { destroy(paths("base")); });
  EXPECT_TRUE(destroy(paths("child")));
  EXPECT_TRUE(destroy(paths("base")));
  EXPECT_FALSE(destroy(paths("base")));
  EXPECT_THAT(files_below(store_), IsEmpty());
}

TEST_F(ExplicitPaths, DestroyAcceptsOtherSpellingsAndAMovedStore) {
  import_base();
  std::filesystem::rename(store_, directory_.path() / "moved");
  store_ = directory_.path() / "link";
  std::filesystem::create_directory_symlink("moved", store_);
  EXPECT_TRUE(destroy({store_ / "snapshots" / "." / "base", store_ / "images/../images/base.cim"}));
  EXPECT_THAT(files_below(directory_.path() / "moved"), IsEmpty());
}

TEST_F(ExplicitPaths, TheDefaultImageMayBeNamed) {
  import(layer("7"), {});
  EXPECT_TRUE(read_marker({layer("7"), cim_path(layer("7"))}));
  import({layer("8"), cim_path(layer("8"))}, {});
  EXPECT_TRUE(read_marker(layer("8")));
  EXPECT_TRUE(destroy({layer("7"), cim_path(layer("7"))}));
  EXPECT_TRUE(destroy(layer("8")));
  EXPECT_THAT(files_below(store_), IsEmpty());
}

TEST_F(ExplicitPaths, TheDirectoryOfTheImagesMayBeALink) {
  std::filesystem::create_directories(store_);
  std::filesystem::create_directory(directory_.path() / "disk");
  std::filesystem::create_directory_symlink(directory_.path() / "disk", store_ / "cim-layers");
  import(layer("7"), {});
  EXPECT_EQ(read_marker(layer("7")).value().image, "7.cim");
  EXPECT_TRUE(read_marker({layer("7"), directory_.path() / "disk" / "7.cim"}));
  EXPECT_TRUE(destroy(layer("7")));
  EXPECT_FALSE(std::filesystem::exists(layer("7")));
}

TEST_F(ExplicitPaths, DestroyRefusesPathsThatDoNotBelongTogether) {
  import_base();
  import(paths("other"), {});
  std::filesystem::copy(paths("base").layer, store_ / "snapshots" / "copy",
                        std::filesystem::copy_options::recursive);
  const auto before = files_below(store_);
  for (const LayerPaths& wrong : {LayerPaths{paths("base").layer, paths("other").image},
                                  LayerPaths{store_ / "snapshots" / "copy", paths("base").image},
                                  LayerPaths{paths("base").layer, "nowhere.cim"}}) {
    expect_error(ErrorCode::kInvalidArgument, "the layer's image is not", [&] { destroy(wrong); });
  }
  EXPECT_FALSE(destroy(paths("base").layer));
  EXPECT_EQ(files_below(store_), before);
}

TEST_F(ExplicitPaths, DestroyOfALayerWithoutAMarkerRemovesWhatTheImageProves) {
  import_base();
  std::filesystem::remove(paths("base").layer / kMarkerFile);
  std::ofstream(paths("base").layer / "sandbox.vhdx") << "x";
  EXPECT_TRUE(destroy(paths("base")));
  EXPECT_THAT(files_below(store_), ElementsAre("snapshots/base/sandbox.vhdx"));
}

TEST_F(ExplicitPaths, DestroyImageKeepsTheLayersDirectory) {
  import_base();
  import_child();
  const auto sidecars = files_below(store_ / "snapshots");
  expect_error(ErrorCode::kBusy, "other images need it: child.cim",
               [&] { layer::destroy_image(paths("base").image); });
  EXPECT_TRUE(layer::destroy_image(paths("child").image));
  EXPECT_FALSE(layer::destroy_image(paths("child").image));
  EXPECT_TRUE(layer::destroy_image(paths("base").image));
  EXPECT_THAT(files_below(store_ / "images"), IsEmpty());
  EXPECT_EQ(files_below(store_ / "snapshots"), sidecars);
  EXPECT_TRUE(destroy(paths("base")));  // completes the removal
  EXPECT_TRUE(destroy(paths("child")));
  EXPECT_THAT(files_below(store_), IsEmpty());
}

TEST_F(ExplicitPaths, DestroyImageRemovesAFileThatIsNotAnImage) {
  import_base();
  std::ofstream(paths("base").image) << "no image";
  EXPECT_TRUE(layer::destroy_image(paths("base").image));
  EXPECT_FALSE(std::filesystem::exists(paths("base").image));
}

}  // namespace
}  // namespace cim::layer
