// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "cimlib/layer_writer.h"

#include <span>
#include <thread>
#include <vector>

#include <gmock/gmock.h>

#include "bcd/sample_store.h"
#include "expect_error.h"
#include "layer/sidecar_paths.h"
#include "layer_test.h"
#include "sample_hives.h"

namespace cim::layer {
namespace {

using test::base_hive;
using test::delta_hive;
using test::expect_error;
using test::hive_texts;
using test::read_file;
using testing::ElementsAre;
using testing::UnorderedElementsAre;

constexpr FileTime kNow{133'000'000'000'000'000};
constexpr FileTimes kTimes = {{1}, {2}, {3}, {4}};

ImagePath at(std::string_view path) {
  return ImagePath::parse(path);
}

std::span<const std::byte> bytes_of(std::string_view text) {
  return std::as_bytes(std::span(text));
}

class LayerWriterTest : public test::LayerTest {
 protected:
  using Parents = std::vector<LayerPaths>;

  LayerOptions options() {
    return {.image = {.now = kNow},
            .warning = [this](const std::string& text) { warnings_.push_back(text); }};
  }

  LayerWriter writer(std::string_view name, const Parents& parents = {}) {
    return {layer(name), parents, options()};
  }

  /// Also adds missing directories above it.
  static void add_directory(LayerWriter& writer, const ImagePath& path) {
    if (!path.is_root() && !writer.is_directory(path)) {
      add_directory(writer, path.parent());
      writer.add(path, {.attributes = attribute::kDirectory, .times = kTimes});
    }
  }

  static void add_file(LayerWriter& writer, std::string_view path, std::string_view text) {
    add_directory(writer, at(path).parent());
    writer.add(at(path), {.attributes = attribute::kArchive, .times = kTimes}, text.size());
    writer.write(bytes_of(text));
  }

  /// Adds all five hives, each with its own name as a value.
  static void add_hives(LayerWriter& writer) {
    for (const LayerHive& hive : kLayerHives) {
      const std::u16string name(hive.name.begin(), hive.name.end());
      add_file(writer, hive.config(), base_hive({{u"name", name}, {u"from", u"base"}}));
    }
  }

  void make_base() {
    LayerWriter base = writer("base");
    add_hives(base);
    base.close();
  }

  std::string base_texts(std::string_view name, std::string_view hive) {
    return hive_texts(read_file(layer(name) / "Hives" / (std::string(hive) + "_BASE")));
  }

  std::vector<std::string> warnings_;
};

// ---- base layers ----

TEST_F(LayerWriterTest, ABaseLayerHasEachHiveTwiceAndALayoutFile) {
  make_base();
  EXPECT_THAT(sidecar_files(layer("base")),
              UnorderedElementsAre(
                  "layout", "Files/Windows/System32/config/SYSTEM",
                  "Files/Windows/System32/config/SOFTWARE", "Files/Windows/System32/config/SAM",
                  "Files/Windows/System32/config/SECURITY", "Files/Windows/System32/config/DEFAULT",
                  "Hives/SYSTEM_BASE", "Hives/SOFTWARE_BASE", "Hives/SAM_BASE",
                  "Hives/SECURITY_BASE", "Hives/DEFAULTUSER_BASE"));
  EXPECT_EQ(read_file(layer("base") / "layout"), "vhd-with-hives\n");
  EXPECT_EQ(base_texts("base", "DEFAULTUSER"), "from=base name=DEFAULT");
  EXPECT_TRUE(std::filesystem::equivalent(layer("base") / "Hives/SAM_BASE",
                                          layer("base") / "Files/Windows/System32/config/SAM"));
  EXPECT_THAT(warnings_, ElementsAre());

  const Image image(cim_path(layer("base")));
  EXPECT_EQ(image.find(at("Hives/DEFAULTUSER_BASE")),
            image.find(at("Files/Windows/System32/config/DEFAULT")));
  const FileInfo hives = image.info(image.find(at("Hives")).value());
  EXPECT_EQ(hives.attributes, attribute::kDirectory);
  EXPECT_EQ(hives.times, (FileTimes{kNow, kNow, kNow, kNow}));
  EXPECT_EQ(text_in(layer("base"), "layout"), "vhd-with-hives\n");
  EXPECT_EQ(image.info(image.find(at("Files/Windows/System32/config/SAM")).value()).times, kTimes);
}

TEST_F(LayerWriterTest, FilesThatItCreatesHaveTheTimeZeroOnRequest) {
  LayerOptions zero = options();
  zero.made_times = MadeTimes::kZero;
  LayerWriter base(layer("base"), {}, zero);
  add_hives(base);
  base.close();
  LayerWriter child(layer("child"), {layer("base")}, zero);
  add_file(child, "Hives/System_Delta", delta_hive({{u"from", u"child"}}));
  child.close();
  const Image image(cim_path(layer("child")));
  for (const char* const made : {"Hives", "layout", "Hives/SYSTEM_BASE"}) {
    EXPECT_EQ(image.info(image.find(at(made)).value()).times, FileTimes{}) << made;
  }
  EXPECT_EQ(image.info(image.find(at("Hives/SYSTEM_DELTA")).value()).times, kTimes);
  EXPECT_EQ(image.info(image.find(at("")).value()).times, (FileTimes{kNow, kNow, kNow, kNow}));
}

TEST_F(LayerWriterTest, SidecarFilesHaveAFixedSpellingAndTheImageThatOfTheTar) {
  LayerWriter base = writer("base");
  for (const LayerHive& hive : kLayerHives) {
    std::string name(hive.name);
    std::ranges::transform(name, name.begin(), [](char c) { return static_cast<char>(c | 0x20); });
    add_file(base, "files/WINDOWS/system32/Config/" + name, base_hive({}));
  }
  base.close();
  EXPECT_TRUE(std::filesystem::exists(layer("base") / "Files/Windows/System32/config/SYSTEM"));
  const Image image(cim_path(layer("base")));
  const auto names = image.list(image.find(at("Files/Windows/System32/config")).value());
  EXPECT_EQ(names.at(0).name, u"default");
}

TEST_F(LayerWriterTest, ABaseLayerHasAllHivesOrNone) {
  {
    LayerWriter base = writer("base");
    add_file(base, "Files/Windows/System32/config/SYSTEM", base_hive({}));
    expect_error(ErrorCode::kCorrupt, "the layer has SYSTEM, but not this hive",
                 [&] { base.close(); });
  }
  EXPECT_FALSE(std::filesystem::exists(store_));
  LayerWriter base = writer("base");
  add_file(base, "Files/a", "x");
  base.close();
  EXPECT_THAT(warnings_, ElementsAre(testing::HasSubstr("no registry hives")));
  EXPECT_THAT(sidecar_files(layer("base")), ElementsAre());
}

// As in the model, which reads hives only to merge them.
TEST_F(LayerWriterTest, KeepsTheHivesOfABaseLayerUnchanged) {
  {
    LayerWriter base = writer("base");
    for (const LayerHive& hive : kLayerHives) {
      add_file(base, hive.config(), hive.name == "SAM" ? "" : "no hive");
    }
    base.close();
  }
  EXPECT_EQ(read_file(layer("base") / "Hives/SAM_BASE"), "");
  LayerWriter child = writer("child", {layer("base")});
  add_file(child, "Hives/SYSTEM_DELTA", delta_hive({}));
  expect_error(ErrorCode::kCorrupt, "base/Hives/SYSTEM_BASE", [&] { child.close(); });
}

TEST_F(LayerWriterTest, DeltaHivesRequireAParent) {
  LayerWriter base = writer("base");
  add_hives(base);
  add_file(base, "Hives/Sam_Delta", delta_hive({}));
  expect_error(ErrorCode::kCorrupt, "in a layer without parents", [&] { base.close(); });
}

// ---- torn hives ----

TEST_F(LayerWriterTest, RecoversATornHiveFromTheLogsOfItsLayer) {
  const test::TornHive torn = test::torn_hive({{u"from", u"log"}});
  {
    LayerWriter base = writer("base");
    add_hives(base);
    base.remove(at("Files/Windows/System32/config/SAM"));
    add_file(base, "Files/Windows/System32/config/SAM.LOG1", torn.log);
    add_file(base, "Files/Windows/System32/config/SAM", torn.hive);
    base.close();
  }
  EXPECT_THAT(warnings_, ElementsAre());
  LayerWriter child = writer("child", {layer("base")});
  add_file(child, "Hives/SAM_DELTA", delta_hive({{u"top", u"1"}}));
  child.close();
  EXPECT_EQ(base_texts("child", "SAM"), "from=log top=1");
}

TEST_F(LayerWriterTest, WarnsOfATornHiveWithoutLogs) {
  const test::TornHive torn = test::torn_hive({});
  {
    LayerWriter base = writer("base");
    add_hives(base);
    base.remove(at("Files/Windows/System32/config/SAM"));
    add_file(base, "Files/Windows/System32/config/SAM", torn.hive);
    base.close();
  }
  EXPECT_THAT(warnings_,
              ElementsAre(testing::AllOf(testing::HasSubstr("Hives/SAM_BASE: torn"),
                                         testing::HasSubstr("cannot be created on top"))));
  LayerWriter child = writer("child", {layer("base")});
  add_file(child, "Hives/SAM_DELTA", delta_hive({}));
  expect_error(ErrorCode::kCorrupt, "torn", [&] { child.close(); });
}

// ---- child layers ----

TEST_F(LayerWriterTest, AChildMergesItsDeltasIntoItsParentsHives) {
  make_base();
  LayerWriter child = writer("child", {layer("base")});
  add_file(child, "Hives/System_Delta", delta_hive({{u"from", u"child"}}));
  child.close();
  EXPECT_THAT(sidecar_files(layer("child")),
              UnorderedElementsAre("Hives/SYSTEM_DELTA", "Hives/SYSTEM_BASE"));
  EXPECT_EQ(base_texts("child", "SYSTEM"), "from=child name=SYSTEM");
  EXPECT_EQ(hive_texts(text_in(layer("child"), "Hives/SYSTEM_BASE")), "from=child name=SYSTEM");
  EXPECT_EQ(hive_texts(text_in(layer("child"), "Files/Windows/System32/config/SYSTEM")),
            "from=base name=SYSTEM");
  const Image image(cim_path(layer("child")));
  const FileInfo info = image.info(image.find(at("Hives/SYSTEM_BASE")).value());
  EXPECT_EQ(info.times, (FileTimes{kNow, kNow, kNow, kNow}));
}

TEST_F(LayerWriterTest, ALayerWithoutDeltasKeepsItsParentsHives) {
  make_base();
  {
    LayerWriter plain = writer("plain", {layer("base")});
    add_file(plain, "Files/a", "x");
    plain.close();
  }
  EXPECT_THAT(sidecar_files(layer("plain")), ElementsAre());
  // Only the immediate parent is given, as some callers do.
  LayerWriter top = writer("top", {layer("plain")});
  add_file(top, "Hives/SAM_DELTA", delta_hive({{u"from", u"top"}}));
  top.close();
  EXPECT_EQ(base_texts("top", "SAM"), "from=top name=SAM");
}

TEST_F(LayerWriterTest, UsesTheHiveOfTheNearestParent) {
  make_base();
  {
    LayerWriter middle = writer("middle", {layer("base")});
    add_file(middle, "Hives/SAM_DELTA", delta_hive({{u"middle", u"1"}}));
    middle.close();
  }
  LayerWriter top = writer("top", {layer("middle"), layer("base")});
  add_file(top, "Hives/SAM_DELTA", delta_hive({{u"top", u"1"}}));
  top.close();
  EXPECT_EQ(base_texts("top", "SAM"), "from=base name=SAM middle=1 top=1");
}

TEST_F(LayerWriterTest, RefusesInvalidLayerDirectories) {
  for (const char* const name : {"cim-layers", "CIM-Layers", "cim-layers/", ".", ".."}) {
    expect_error(ErrorCode::kInvalidArgument, "is not a valid directory for a layer",
                 [&] { const LayerWriter writer(store_ / name, {}); });
  }
}

TEST_F(LayerWriterTest, RefusesDeltasOfHivesThatNoParentHas) {
  {
    LayerWriter base = writer("base");
    add_file(base, "Files/a", "x");
    base.close();
  }
  LayerWriter child = writer("child", {layer("base")});
  add_file(child, "Hives/SAM_DELTA", delta_hive({}));
  expect_error(ErrorCode::kCorrupt, "child/Hives/SAM_DELTA: a delta hive, but no parent",
               [&] { child.close(); });
}

TEST_F(LayerWriterTest, RefusesInvalidDeltas) {
  make_base();
  LayerWriter child = writer("child", {layer("base")});
  add_file(child, "Hives/SAM_DELTA", "no hive");
  expect_error(ErrorCode::kCorrupt, "child/Hives/SAM_DELTA", [&] { child.close(); });
}

TEST_F(LayerWriterTest, ChecksItsParents) {
  make_base();
  {
    LayerWriter child = writer("child", {layer("base")});
    child.close();
  }
  expect_error(ErrorCode::kNotFound, "not a layer", [&] { writer("new", {layer("nowhere")}); });
  expect_error(ErrorCode::kInvalidArgument, "from the immediate one down", [&] {
    writer("new", {layer("base"), layer("child")});
  });
  expect_error(ErrorCode::kInvalidArgument, "base: this parent is listed twice", [&] {
    writer("new", {layer("child"), layer("base"), layer("base")});
  });
  expect_error(ErrorCode::kInvalidArgument, "must be in the directory of the new image",
               [&] { LayerWriter(directory_.path() / "other" / "new", {layer("base")}); });
  expect_error(ErrorCode::kInvalidArgument, "its first parent", [&] {
    LayerWriter(layer("new"), {}, {.image = {.base = cim_path(layer("base"))}});
  });
  EXPECT_FALSE(std::filesystem::exists(layer("new")));
  EXPECT_FALSE(std::filesystem::exists(directory_.path() / "other"));
}

// ---- operations ----

TEST_F(LayerWriterTest, AcceptsStreamsOfAnySizeInBothSpellings) {
  const std::string large(10'000, 's');
  LayerWriter base = writer("base");
  add_file(base, "Files/a", std::string(5000, 'a'));
  base.add_alternate_stream(StreamPath::parse("Files/a:one"), large.size());
  base.write(bytes_of(large).first(4097));
  base.write(bytes_of(large).subspan(4097));
  base.add_alternate_stream(StreamPath::parse("Files/a:two:$DATA"), 3);
  base.write(bytes_of("two"));
  base.add_alternate_stream(StreamPath::parse("Files/a:empty"), 0);
  base.add_alternate_stream(StreamPath::parse("Files:of a directory"), 1);
  base.write(bytes_of("d"));
  base.close();
  const Image image(cim_path(layer("base")));
  const auto streams = image.streams(image.find(at("Files/a")).value());
  ASSERT_EQ(streams.size(), 3U);
  EXPECT_EQ(streams[1].name, u"one");
  EXPECT_EQ(streams[1].size, large.size());
  EXPECT_EQ(streams[2].name, u"two");
  EXPECT_EQ(image.streams(image.find(at("Files")).value()).size(), 1U);
}

TEST_F(LayerWriterTest, HivesHaveStreamsAndLinksToo) {
  LayerWriter base = writer("base");
  add_hives(base);
  base.add_alternate_stream(StreamPath::parse("Files/Windows/System32/config/DEFAULT:s"), 2);
  base.write(bytes_of("st"));
  base.add_link(at("Files/copy"), at("Files/Windows/System32/config/DEFAULT"));
  base.add_link(at("Files/copy of copy"), at("Files/copy"));
  base.close();
  EXPECT_EQ(hive_texts(text_in(layer("base"), "Files/copy of copy")), "from=base name=DEFAULT");
  const Image image(cim_path(layer("base")));
  EXPECT_EQ(image.streams(image.find(at("Hives/DEFAULTUSER_BASE")).value()).size(), 1U);
}

TEST_F(LayerWriterTest, AHiveCannotBeAHardLinkToAnotherFile) {
  LayerWriter base = writer("base");
  add_file(base, "Files/Windows/System32/config/other", "x");
  expect_error(ErrorCode::kInvalidArgument, "layers store this file separately", [&] {
    base.add_link(at("Files/Windows/System32/config/SAM"),
                  at("Files/Windows/System32/config/other"));
  });
}

TEST_F(LayerWriterTest, ReplacingASidecarFileInTheImageRemovesIt) {
  LayerWriter base = writer("base");
  add_hives(base);
  base.add_link(at("Files/kept"), at("Files/Windows/System32/config/SAM"));
  base.remove(at("Files/Windows"));
  base.close();
  EXPECT_EQ(hive_texts(text_in(layer("base"), "Files/kept")), "from=base name=SAM");
  EXPECT_THAT(sidecar_files(layer("base")), ElementsAre());
}

TEST_F(LayerWriterTest, RemovesEntriesAndReturnsWhetherTheyExisted) {
  LayerWriter base = writer("base");
  add_file(base, "Files/d/a", "x");
  EXPECT_TRUE(base.remove(at("Files/d")));
  EXPECT_FALSE(base.remove(at("Files/d")));
  EXPECT_FALSE(base.remove(at("Files/no/such")));
  EXPECT_FALSE(base.exists(at("Files/d/a")));
}

TEST_F(LayerWriterTest, RequiresExactlyTheSizeOfAFile) {
  {
    LayerWriter base = writer("base");
    add_file(base, "Files/a", "x");
    expect_error(ErrorCode::kInvalidArgument, "2 bytes are too many; only 0 are left",
                 [&] { base.write(bytes_of("yz")); });
  }
  LayerWriter base = writer("base");
  add_file(base, "Files/a", "x");
  base.add(at("Files/b"), {}, 5);
  base.write(bytes_of("xx"));
  expect_error(ErrorCode::kInvalidArgument, "\\Files\\b: incomplete: 3 of its 5 bytes",
               [&] { base.remove(at("Files/a")); });
}

TEST_F(LayerWriterTest, AddsFilesAndStreamsFromSources) {
  const std::string text(5000, 'x');
  const std::string hive = base_hive({{u"name", u"SAM"}});
  const std::string sam = "Files/Windows/System32/config/SAM";
  LayerWriter base = writer("base");
  add_hives(base);
  base.remove(at(sam));
  base.add(at(sam), {}, ByteSource::memory(bytes_of(hive)));
  base.add(at("Files/a"), {}, ByteSource::memory(bytes_of(text)));
  base.add_alternate_stream(StreamPath::parse("Files/a:s"), ByteSource::memory(bytes_of("y")));
  expect_error(ErrorCode::kNotFound, "cannot open",
               [&] { base.add(at("Files/b"), {}, layer("none")); });
  base.close();
  EXPECT_EQ(text_in(layer("base"), "Files/a"), text);
  EXPECT_EQ(read_file(layer("base") / sam), hive);
}

TEST_F(LayerWriterTest, ReplacesTheMetadataOfFilesAndSidecarFiles) {
  const std::string sam = "Files/Windows/System32/config/SAM";
  LayerWriter base = writer("base");
  add_hives(base);
  add_file(base, "Files/a", "x");
  for (const std::string& path : {sam, std::string("Files/a")}) {
    base.replace_metadata(at(path), {.attributes = attribute::kSystem, .times = kTimes});
  }
  expect_error(ErrorCode::kNotFound, "does not exist",
               [&] { base.replace_metadata(at("Files/no"), {}); });
  expect_error(ErrorCode::kInvalidArgument, "it is not a directory", [&] {
    base.replace_metadata(at("Files/a"), {.attributes = attribute::kDirectory});
  });
  base.close();
  const Image image(cim_path(layer("base")));
  for (const std::string& path : {sam, std::string("Files/a")}) {
    EXPECT_EQ(image.info(image.find(at(path)).value()).attributes, attribute::kSystem);
  }
  EXPECT_EQ(text_in(layer("base"), "Files/a"), "x");
  EXPECT_EQ(text_in(layer("base"), sam), read_file(layer("base") / sam));
}

TEST_F(LayerWriterTest, ASidecarFileCannotBecomeAReparsePoint) {
  constexpr std::string_view kBuffer("\x17\x00\x00\x80\x00\x00\x00\x00", 8);
  LayerWriter base = writer("base");
  add_file(base, "Hives/SAM_DELTA", "x");
  add_file(base, "Files/a", "x");
  base.replace_metadata(at("Files/a"), {.reparse_data = bytes_of(kBuffer)});
  expect_error(ErrorCode::kUnsupported, "layers store this file separately", [&] {
    base.replace_metadata(at("Hives/SAM_DELTA"), {.reparse_data = bytes_of(kBuffer)});
  });
}

TEST_F(LayerWriterTest, WritesZerosToFilesAndSidecarFiles) {
  const std::string efi = "UtilityVM/Files/EFI/Microsoft/Boot/bootmgfw.efi";
  const std::string expected("\0\0\0x\0\0", 6);
  LayerWriter base = writer("base");
  add_directory(base, at(efi).parent());
  add_directory(base, at("Files"));
  for (const std::string& path : {efi, std::string("Files/a")}) {
    base.add(at(path), {}, 6);
    base.write_zeros(3);
    base.write(bytes_of("x"));
    base.write_zeros(0);
    base.write_zeros(2);
  }
  base.close();
  EXPECT_EQ(text_in(layer("base"), "Files/a"), expected);
  EXPECT_EQ(text_in(layer("base"), efi), expected);
  EXPECT_EQ(read_file(layer("base") / efi), expected);
  LayerWriter other = writer("other");
  add_file(other, "Files/a", "");
  expect_error(ErrorCode::kInvalidArgument, "1 bytes are too many", [&] { other.write_zeros(1); });
}

TEST_F(LayerWriterTest, FailingToReadASourceIsNotHarmless) {
  LayerWriter base = writer("base");
  add_directory(base, at("Files"));
  const auto nothing = [](std::span<std::byte>, const std::stop_token&) { return std::size_t{0}; };
  for (int i = 0; i < 2; ++i) {
    expect_error(ErrorCode::kIo, "ended after 0 of its 5 bytes",
                 [&] { base.add(at("Files/c"), {}, ByteSource::callback(nothing, 5)); });
  }
}

TEST_F(LayerWriterTest, WritesOnlyToAnOpenFile) {
  const auto refuse = [this](auto&& add) {
    LayerWriter base = writer("base");
    add(base);
    expect_error(ErrorCode::kInvalidArgument, "no file is open",
                 [&] { base.write(bytes_of("x")); });
  };
  refuse([](LayerWriter&) {});
  refuse([](LayerWriter& base) { add_directory(base, at("Files")); });
  refuse([](LayerWriter& base) {
    add_file(base, "Files/a", "x");
    base.add_link(at("Files/b"), at("Files/a"));
  });
}

TEST_F(LayerWriterTest, HarmlessErrorsAreHarmless) {
  LayerWriter base = writer("base");
  add_file(base, "Files/a", "x");
  expect_error(ErrorCode::kNotFound, "does not exist", [&] { base.add(at("Files/no/a"), {}); });
  expect_error(ErrorCode::kNotFound, "does not exist",
               [&] { base.add_alternate_stream(StreamPath::parse("Files/no:s"), 1); });
  expect_error(ErrorCode::kNotFound, "does not exist",
               [&] { base.add_link(at("Files/b"), at("Files/no")); });
  expect_error(ErrorCode::kAccessDenied, "hard links",
               [&] { base.add_link(at("Files/b"), at("Files")); });
  expect_error(ErrorCode::kInvalidArgument, "root", [&] { base.remove(ImagePath()); });
  base.close();
  EXPECT_EQ(text_in(layer("base"), "Files/a"), "x");
  expect_error(ErrorCode::kInvalidArgument, "already closed", [&] { base.close(); });
}

TEST_F(LayerWriterTest, AfterAFailureEveryCallFails) {
  LayerWriter base = writer("base");
  add_hives(base);
  base.add(at("Files/b"), {}, 5);
  base.write(bytes_of("xx"));
  for (int i = 0; i < 3; ++i) {
    expect_error(ErrorCode::kInvalidArgument, "incomplete: 3 of its 5 bytes",
                 [&] { base.close(); });
    expect_error(ErrorCode::kInvalidArgument, "incomplete", [&] { base.write(bytes_of("y")); });
    expect_error(ErrorCode::kInvalidArgument, "incomplete", [&] { base.add(at("Files/c"), {}); });
    expect_error(ErrorCode::kInvalidArgument, "incomplete", [&] { base.remove(at("Files/a")); });
    expect_error(ErrorCode::kInvalidArgument, "incomplete",
                 [&] { static_cast<void>(base.exists(at("Files/b"))); });
  }
  EXPECT_FALSE(is_cim_layer(layer("base")));
}

TEST_F(LayerWriterTest, RefusesFilesThatClosingCreates) {
  for (const char* const path : {"Hives/SYSTEM_BASE", "hives/Sam_Base", "Hives/SAM_BASE.",
                                 "Hives/SAM_BASE . ", "Hives/OTHER_BASE", "layout", "Layout. "}) {
    LayerWriter base = writer("base");
    add_directory(base, at("Hives"));
    expect_error(ErrorCode::kInvalidArgument, "is created by the import",
                 [&] { base.add(at(path), {}); });
    expect_error(ErrorCode::kInvalidArgument, "is created by the import", [&] { base.close(); });
  }
  LayerWriter base = writer("base");
  add_file(base, "Files/a", "x");
  add_directory(base, at("Hives"));
  expect_error(ErrorCode::kInvalidArgument, "is created by the import",
               [&] { base.add_link(at("Hives/SAM_BASE"), at("Files/a")); });
}

TEST_F(LayerWriterTest, RequiresPlainDirectoriesForTheRoots) {
  const std::vector<std::byte> reparse_data(8);
  for (const char* const path : {"Files", "HIVES", "UtilityVM", "UtilityVM/Files"}) {
    const auto refuse = [&](auto&& add) {
      LayerWriter base = writer("base");
      add_directory(base, at(path).parent());
      expect_error(ErrorCode::kInvalidArgument, "must be a directory", [&] { add(base); });
    };
    refuse([&](LayerWriter& base) { base.add(at(path), {}); });
    refuse([&](LayerWriter& base) {
      base.add(at(path), {.attributes = attribute::kDirectory, .reparse_data = reparse_data});
    });
    refuse([&](LayerWriter& base) { base.add_link(at(path), at("Files/a")); });
  }
}

TEST_F(LayerWriterTest, KeepsTimesOfZero) {
  LayerWriter base = writer("base");
  add_directory(base, at("Files"));
  base.add(at("Files/a"), {.times = {{0}, {0}, {0}, {UINT64_MAX}}});
  base.close();
  const Image image(cim_path(layer("base")));
  const FileTimes times = image.info(image.find(at("Files/a")).value()).times;
  EXPECT_EQ(times, (FileTimes{{0}, {0}, {0}, {UINT64_MAX}}));
}

// ---- atomicity ----

TEST_F(LayerWriterTest, LeavesNothingUnlessClosed) {
  {
    LayerWriter base = writer("base");
    add_hives(base);
    EXPECT_FALSE(std::filesystem::exists(layer("base")));
  }
  EXPECT_FALSE(std::filesystem::exists(store_));
  make_base();
  const auto before = files_below(store_);
  {
    LayerWriter child = writer("child", {layer("base")});
    add_file(child, "Hives/SAM_DELTA", "no hive");
    EXPECT_ANY_THROW(child.close());
  }
  EXPECT_EQ(files_below(store_), before);
}

TEST_F(LayerWriterTest, CanBeRepeatedAfterAKilledWriter) {
  make_base();
  std::ofstream(layer("base") / "sandbox.vhdx") << "a user's file";
  // As if the last step had not been reached.
  std::filesystem::remove(cim_path(layer("base")));
  LayerWriter again = writer("base");
  add_file(again, "Files/a", "x");
  again.close();
  EXPECT_THAT(sidecar_files(layer("base")), ElementsAre("sandbox.vhdx"));
  EXPECT_FALSE(std::filesystem::exists(layer("base") / "Hives"));
  std::filesystem::remove(layer("base") / "sandbox.vhdx");
  EXPECT_TRUE(destroy(layer("base")));
  EXPECT_FALSE(std::filesystem::exists(layer("base")));
}

TEST_F(LayerWriterTest, RefusesADirectoryWithForeignSidecarFiles) {
  for (const char* const path : {"layout", "Hives/SAM_BASE", "Files/Windows/System32/config/SAM",
                                 "uvmbuildversion", "oci-layer.json", ".cimlib-layer"}) {
    const auto file = layer("base") / path;
    std::filesystem::create_directories(file.parent_path());
    std::ofstream(file) << "precious";
    const auto before = files_below(store_);
    expect_error(ErrorCode::kExists, file.string() + ": already exists and does not belong",
                 [&] { make_base(); });
    expect_error(ErrorCode::kExists, "already exists and does not belong",
                 [&] { writer("base").close(); });
    EXPECT_EQ(files_below(store_), before);
    EXPECT_EQ(read_file(file), "precious");
    std::filesystem::remove_all(layer("base"));
  }
}

TEST_F(LayerWriterTest, KeepsAFileThatAppearsWhileTheLayerIsWritten) {
  LayerWriter base = writer("base");
  add_hives(base);
  std::filesystem::create_directories(layer("base"));
  std::ofstream(layer("base") / "layout") << "precious";
  expect_error(ErrorCode::kExists, "base/layout: already exists and does not belong",
               [&] { base.close(); });
  EXPECT_THAT(files_below(layer("base")), ElementsAre("layout"));
  EXPECT_FALSE(is_cim_layer(layer("base")));
}

TEST_F(LayerWriterTest, KeepsModifiedFilesOfAKilledWriter) {
  make_base();
  std::filesystem::remove(cim_path(layer("base")));
  std::ofstream(layer("base") / "layout") << "precious";
  expect_error(ErrorCode::kExists, "base/layout: already exists and does not belong",
               [&] { make_base(); });
  EXPECT_EQ(read_file(layer("base") / "layout"), "precious");
}

TEST_F(LayerWriterTest, DoesNotTrustTheMarkerOfACopiedLayer) {
  make_base();
  std::filesystem::copy(layer("base"), layer("copy"), std::filesystem::copy_options::recursive);
  const auto before = files_below(layer("copy"));
  expect_error(ErrorCode::kExists, "already exists and does not belong", [&] { writer("copy"); });
  EXPECT_FALSE(destroy(layer("copy")));
  EXPECT_EQ(files_below(layer("copy")), before);
}

TEST_F(LayerWriterTest, FollowsALinkToALayersDirectory) {
  std::filesystem::create_directories(directory_.path() / "disk" / "big");
  std::filesystem::create_directories(store_);
  std::filesystem::create_directory_symlink("../disk/big", layer("alias"));
  LayerWriter base = writer("alias");
  add_hives(base);
  base.close();
  EXPECT_TRUE(is_cim_layer(directory_.path() / "disk" / "big"));
  LayerWriter child(directory_.path() / "disk" / "child", {layer("alias")});
  child.close();
  expect_error(ErrorCode::kExists, "the image already exists", [&] { writer("alias"); });
}

TEST_F(LayerWriterTest, NeverFollowsALinkOutOfTheLayer) {
  const auto outside = directory_.path() / "outside";
  std::filesystem::create_directories(outside / "Windows/System32/config");
  std::ofstream(outside / "Windows/System32/config/SAM") << "precious";
  std::filesystem::create_directories(layer("base"));
  std::filesystem::create_directory_symlink(outside, layer("base") / "Files");
  expect_error(ErrorCode::kInvalidArgument, "its parent is not a directory", [&] { make_base(); });
  EXPECT_THAT(files_below(outside), ElementsAre("Windows/System32/config/SAM"));
  EXPECT_EQ(read_file(outside / "Windows/System32/config/SAM"), "precious");
  EXPECT_FALSE(is_cim_layer(layer("base")));
}

TEST_F(LayerWriterTest, TheSecondWriterOfALayerFails) {
  LayerWriter first = writer("base");
  add_hives(first);
  LayerWriter second = writer("base");
  add_file(second, "Files/a", "x");
  first.close();
  expect_error(ErrorCode::kExists, "another writer has created the layer", [&] { second.close(); });
  EXPECT_EQ(base_texts("base", "SAM"), "from=base name=SAM");
}

// ---- utility VMs ----

TEST_F(LayerWriterTest, ReportsTheBuildOfItsUtilityVm) {
  registry::HiveEditor software;
  software.add_key("Microsoft\\Windows NT\\CurrentVersion", kNow);
  software.set_text("Microsoft\\Windows NT\\CurrentVersion", "CurrentBuild", "26100", kNow);
  const auto file = software.to_bytes();
  LayerWriter base = writer("base");
  add_file(base, kUtilityVmSoftware, {reinterpret_cast<const char*>(file.data()), file.size()});
  const LayerSummary summary = base.close();
  ASSERT_TRUE(summary.utility_vm);
  EXPECT_EQ(summary.utility_vm->build, 26100U);
  EXPECT_EQ(read_file(layer("base") / "uvmbuildversion"), "26100");
  EXPECT_TRUE(std::filesystem::exists(layer("base") / kUtilityVmSoftware));
}

TEST_F(LayerWriterTest, StoresEditsOfAUtilityVmInTheImageToo) {
  const auto text = [](const std::vector<std::byte>& file) {
    return std::string(reinterpret_cast<const char*>(file.data()), file.size());
  };
  registry::HiveEditor software;
  software.add_key("Microsoft\\Windows NT\\CurrentVersion", kNow);
  software.set_text("Microsoft\\Windows NT\\CurrentVersion", "CurrentBuild", "26100", kNow);
  LayerOptions how = options();
  how.utility_vm.cim_boot = test::sample_boot_options();
  LayerWriter base(layer("base"), {}, how);
  add_file(base, kUtilityVmSoftware, text(software.to_bytes()));
  add_file(base, kUtilityVmSystem, base_hive({}));
  add_file(base, kUtilityVmBootStore, text(test::sample_store()));
  EXPECT_EQ(base.close().utility_vm->cim_boot, CimBootState::kEdited);
  const auto unchanged = text(test::sample_store());
  for (const std::string_view path : {kUtilityVmSystem, kUtilityVmBootStore}) {
    EXPECT_EQ(read_file(layer("base") / path), text_in(layer("base"), path));
    EXPECT_NE(read_file(layer("base") / path), unchanged);
  }
}

TEST_F(LayerWriterTest, WarnsOfAUtilityVmWithoutABuildNumber) {
  const auto file = registry::HiveEditor().to_bytes();
  const std::string_view software(reinterpret_cast<const char*>(file.data()), file.size());
  {
    LayerWriter base = writer("base");
    add_file(base, kUtilityVmSoftware, software);
    EXPECT_FALSE(base.close().utility_vm);
  }
  EXPECT_THAT(warnings_,
              testing::Contains(testing::HasSubstr("no build number of the utility VM")));
  EXPECT_FALSE(std::filesystem::exists(layer("base") / "uvmbuildversion"));
  LayerOptions how = options();
  how.utility_vm.cim_boot = test::sample_boot_options();
  LayerWriter boot(layer("boot"), {}, how);
  add_file(boot, kUtilityVmSoftware, software);
  expect_error(ErrorCode::kCorrupt, "CurrentVersion does not exist", [&] { boot.close(); });
}

TEST_F(LayerWriterTest, RefusesAUtilityVmWhoseBuildCannotBeRead) {
  LayerWriter base = writer("base");
  add_file(base, kUtilityVmSoftware, "no hive");
  expect_error(ErrorCode::kCorrupt, "UtilityVM/Files/Windows/System32/config/SOFTWARE",
               [&] { base.close(); });
}

}  // namespace
}  // namespace cim::layer
