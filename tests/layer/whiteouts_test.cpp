// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "layer/whiteouts.h"

#include <algorithm>

#include <gmock/gmock.h>

#include "expect_error.h"
#include "layer_test.h"
#include "tar/tar_builder.h"

namespace cim::layer {
namespace {

using test::EntryBytes;
using test::expect_error;
using testing::ElementsAre;
using testing::IsEmpty;

std::string directory(std::string_view name) {
  return EntryBytes{.name = std::string(name), .type = '5'}.bytes();
}
std::string file(std::string_view name, std::string_view body = "new") {
  return EntryBytes{.name = std::string(name), .body = std::string(body)}.bytes();
}
std::string link(std::string_view name, std::string_view target) {
  return EntryBytes{.name = std::string(name), .type = '1', .link = std::string(target)}.bytes();
}

/// Layers on top of one that has Files/d with a, b and e/deep, and Files/f.
class WhiteoutsTest : public test::LayerTest {
 protected:
  WhiteoutsTest() {
    import("base", {},
           directory("Files") + directory("Files/d") + file("Files/d/a", "old") +
               file("Files/d/b", "old") + directory("Files/d/e") + file("Files/d/e/deep", "old") +
               file("Files/f", "old"));
  }

  void import(std::string_view name, const std::vector<LayerPaths>& parents,
              const std::string& entries) {
    const auto tar = directory_.path() / "layer.tar";
    std::ofstream(tar, std::ios::binary) << entries << test::end_marker();
    import_tar(tar, layer(name), parents);
  }

  /// Returns the paths below Files of a layer on top of the base; new files are marked with a star.
  std::vector<std::string> child(const std::string& entries) {
    import("child", {layer("base")}, entries);
    const Image image(cim_path(layer("child")));
    std::vector<std::string> paths;
    image.walk(ImagePath::parse("Files"), [&](const WalkEntry& entry) {
      std::string path = entry.path.to_string().substr(6);
      if (!path.empty()) {
        const bool is_new =
            !entry.info.is_directory() && text_in(layer("child"), entry.path.to_string()) == "new";
        paths.push_back(path.substr(1) + (is_new ? "*" : ""));
      }
      return true;
    });
    destroy(layer("child"));
    return paths;
  }

  void refuse(std::string_view words, const std::string& entries) {
    expect_error(ErrorCode::kCorrupt, words, [&] { child(entries); });
    EXPECT_FALSE(is_cim_layer(layer("child")));
  }
};

TEST_F(WhiteoutsTest, HideFilesAndDirectories) {
  EXPECT_THAT(child(file("Files/d/.wh.a")), ElementsAre("d", "d\\b", "d\\e", "d\\e\\deep", "f"));
  EXPECT_THAT(child(file("Files/.wh.d")), ElementsAre("f"));
  EXPECT_THAT(child(file("files/D/.wh.E")), ElementsAre("d", "d\\a", "d\\b", "f"));
  EXPECT_THAT(child(file("Files/.wh.f/", "")),
              ElementsAre("d", "d\\a", "d\\b", "d\\e", "d\\e\\deep"));
}

TEST_F(WhiteoutsTest, IgnoreMissingPaths) {
  const auto all = ElementsAre("d", "d\\a", "d\\b", "d\\e", "d\\e\\deep", "f");
  EXPECT_THAT(child(file("Files/.wh.none")), all);
  EXPECT_THAT(child(file("Files/none/.wh.none")), all);
  EXPECT_THAT(child(file("Files/f/.wh.none")), all);
  EXPECT_THAT(child(file("Files/f/.wh..wh..opq")), all);
  EXPECT_THAT(child(file("Files/none/.wh..wh..opq")), all);
}

TEST_F(WhiteoutsTest, OpaqueMarkersHideAllOfADirectory) {
  EXPECT_THAT(child(file("Files/d/.wh..wh..opq")), ElementsAre("d", "f"));
  EXPECT_THAT(child(file("Files/.wh..wh..opq")), IsEmpty());
}

TEST_F(WhiteoutsTest, HideOnlyFilesOfTheParentInAnyOrder) {
  EXPECT_THAT(child(file("Files/.wh.f") + file("Files/f")),
              ElementsAre("d", "d\\a", "d\\b", "d\\e", "d\\e\\deep", "f*"));
  EXPECT_THAT(child(file("Files/f") + file("Files/.wh.F")),
              ElementsAre("d", "d\\a", "d\\b", "d\\e", "d\\e\\deep", "f*"));
  EXPECT_THAT(child(directory("Files/d") + file("Files/d/n") + file("Files/.wh.d")),
              ElementsAre("d", "d\\n*", "f"));
  EXPECT_THAT(child(file("Files/d/e/n") + file("Files/.wh.d")),
              ElementsAre("d", "d\\e", "d\\e\\n*", "f"));
  EXPECT_THAT(child(file("Files/d/e/n") + file("Files/d/a") + file("Files/d/.wh..wh..opq")),
              ElementsAre("d", "d\\a*", "d\\e", "d\\e\\n*", "f"));
  EXPECT_THAT(child(file("Files/d/.wh..wh..opq") + file("Files/d/a")),
              ElementsAre("d", "d\\a*", "f"));
}

TEST_F(WhiteoutsTest, TheirPositionInTheTarHasNoEffect) {
  const auto in_any_order = [this](std::vector<std::string> entries, const auto& expected) {
    std::ranges::sort(entries);
    do {
      std::string tar;
      for (const std::string& entry : entries) {
        tar += entry;
      }
      EXPECT_THAT(child(tar), expected);
    } while (std::ranges::next_permutation(entries).found);
  };
  in_any_order({file("Files/.wh.d"), file("Files/d/n")}, ElementsAre("d", "d\\n*", "f"));
  in_any_order({file("Files/.wh.d"), file("Files/d/e/n"), file("Files/d/e/.wh.deep")},
               ElementsAre("d", "d\\e", "d\\e\\n*", "f"));
  in_any_order({file("Files/.wh..wh..opq"), file("Files/d/e/n"), file("Files/d/.wh.e")},
               ElementsAre("d", "d\\e", "d\\e\\n*"));
  in_any_order({file("Files/.wh.f"), link("Files/g", "Files/f")},
               ElementsAre("d", "d\\a", "d\\b", "d\\e", "d\\e\\deep", "g"));
  in_any_order({file("Files/d/.wh.e"), link("Files/g", "Files/d/e/deep"), directory("Files/d/e")},
               ElementsAre("d", "d\\a", "d\\b", "d\\e", "f", "g"));
  in_any_order({file("Files/d/.wh.e"), file("Files/.wh.d"), file("Files/d")},
               ElementsAre("d*", "f"));
}

TEST_F(WhiteoutsTest, AHiddenDirectoryGetsTheSpellingOfTheTar) {
  EXPECT_THAT(child(file("Files/.wh.d") + directory("Files/D") + file("Files/D/n")),
              ElementsAre("D", "D\\n*", "f"));
}

TEST_F(WhiteoutsTest, OpaqueMarkersMayBeNestedAndRepeated) {
  const auto nothing_old = ElementsAre("d", "d\\e", "d\\e\\n*", "f");
  EXPECT_THAT(child(file("Files/d/e/n") + file("Files/d/e/.wh..wh..opq") +
                    file("Files/d/.wh..wh..opq") + file("Files/d/.wh..wh..opq")),
              nothing_old);
  EXPECT_THAT(child(file("Files/d/e/n") + file("Files/d/.wh..wh..opq") +
                    file("Files/d/e/.wh..wh..opq") + file("Files/.wh.d")),
              nothing_old);
}

TEST_F(WhiteoutsTest, EntriesReplaceThoseOfTheParent) {
  EXPECT_THAT(child(file("Files/d")), ElementsAre("d*", "f"));
  EXPECT_THAT(child(directory("Files/f") + file("Files/f/g")),
              ElementsAre("d", "d\\a", "d\\b", "d\\e", "d\\e\\deep", "f", "f\\g*"));
  EXPECT_THAT(child(file("Files/n") + link("Files/d", "Files/n")), ElementsAre("d*", "f", "n*"));
  EXPECT_THAT(child(link("Files/d/e", "Files/f")), ElementsAre("d", "d\\a", "d\\b", "d\\e", "f"));
  EXPECT_THAT(child(link("Files/f", "Files/f")),
              ElementsAre("d", "d\\a", "d\\b", "d\\e", "d\\e\\deep", "f"));
}

TEST_F(WhiteoutsTest, ATarContainsAPathOnce) {
  const std::string words = "an earlier entry has the same name";
  refuse(words, file("Files/n") + file("Files/N"));
  refuse(words, file("Files/f") + directory("Files/f"));
  refuse(words, file("Files/d/n") + file("Files/d"));
  refuse(words, directory("Files/d") + link("Files/d", "Files/f"));
}

TEST_F(WhiteoutsTest, HideNothingOutsideOfTheFiles) {
  refuse("not below Files", file(".wh.Files"));
  refuse("only files below Files", file("Hives/.wh.SYSTEM_BASE"));
  refuse("only files below Files", file("Hives/.wh..wh..opq"));
  refuse("only files below Files", file("UtilityVM/.wh.Files"));
  refuse("only files below Files", file("UtilityVM/.wh..wh..opq"));
  refuse("", file(".wh..wh..opq"));
  refuse("", file("Files/d/.wh."));
  refuse("", file("Files/d/.wh.."));
  refuse("", file("Files/d/.wh..."));
}

}  // namespace
}  // namespace cim::layer
