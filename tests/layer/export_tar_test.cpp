// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include <cstdlib>
#include <fstream>
#include <functional>
#include <random>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cimlib/attributes.h"
#include "cimlib/diff.h"
#include "cimlib/image_writer.h"
#include "cimlib/layer.h"
#include "cimlib/layer_export.h"
#include "cimlib/layer_writer.h"
#include "cimlib/reparse.h"
#include "cimlib/version.h"

#include "base/bytes.h"
#include "expect_error.h"
#include "layer/sidecar_paths.h"
#include "layer/tar_application.h"
#include "os/crypto.h"
#include "tar/compression.h"
#include "temporary_directory.h"

namespace cim::layer {
namespace {

using test::expect_error;
using test::lines_of;
using testing::ElementsAre;
using testing::HasSubstr;

using Fill = std::function<void(ImageWriter&)>;

ImagePath path(std::string_view text) {
  return ImagePath::parse(text);
}

FileTimes times(std::uint64_t ticks) {
  return {{ticks}, {ticks + 1}, {ticks + 2}, {ticks + 3}};
}

void make_directory(ImageWriter& writer, std::string_view at) {
  writer.add(path(at), {.attributes = attribute::kDirectory, .times = times(100)});
}

void make_file(ImageWriter& writer, std::string_view at, std::string_view bytes) {
  writer.add(path(at), {.attributes = attribute::kArchive, .times = times(200)}, bytes.size());
  writer.write(as_bytes(bytes));
}

class ExportTar : public testing::Test {
 protected:
  ExportTar() { std::filesystem::create_directories(store_ / "cim-layers"); }

  /// Creates a layer's image; `fill` writes below Files.
  void make(std::string_view name, const Fill& fill, std::optional<std::string> parent = {}) {
    std::filesystem::create_directories(layer(name));
    WriterOptions options = {.now = FileTime{}};
    if (parent) {
      options.base = cim_path(layer(*parent));
    }
    ImageWriter writer(cim_path(layer(name)), options);
    if (!parent) {
      make_directory(writer, "Files");
    }
    fill(writer);
    writer.commit();
  }

  std::string exported(std::string_view name, ExportOptions options = {}) {
    std::string tar;
    if (!options.warning) {
      options.warning = [this](const std::string& text) { warnings_ += text + "\n"; };
    }
    result_ = export_tar(
        layer(name), [&](std::span<const std::byte> bytes) { tar += as_text(bytes); }, options);
    return tar;
  }

  /// Exporting the child and applying it to the parent again must give the same image.
  std::vector<std::string> expect_return(const Fill& base, const Fill& change) {
    make("base", base);
    make("child", change, "base");
    const std::string tar = exported("child");
    test::apply_tar(tar, cim_path(layer("again")), cim_path(layer("base")));
    diff(cim_path(layer("child")), cim_path(layer("again")), {}, [](const Difference& difference) {
      ADD_FAILURE() << difference.path.to_string() << " " << to_string(difference.kind) << " "
                    << difference.fields;
      return true;
    });
    return lines_of(tar);
  }

  std::filesystem::path layer(std::string_view name) const { return store_ / name; }

  test::TemporaryDirectory directory_;
  std::filesystem::path store_ = directory_.path() / "store";
  std::string warnings_;
  ExportResult result_;
};

TEST_F(ExportTar, OfABaseLayerHasAllEntriesInPathOrder) {
  make("base", [](ImageWriter& writer) {
    make_directory(writer, "UtilityVM");
    make_directory(writer, "Files/b");
    make_file(writer, "Files/b/B", "1");
    make_file(writer, "Files/b/a", "12");
    writer.add_alternate_stream({path("Files/b/a"), u"s"}, 3);
    writer.write(as_bytes("123"));
    writer.add_link(path("Files/A"), path("Files/b/a"));
    writer.add(path("Files/l"),
               {.reparse_data = ReparsePoint::pointing_to(reparse_tag::kSymlink, "b").encode()});
  });
  const std::string tar = exported("base");
  EXPECT_THAT(lines_of(tar), ElementsAre("dir Files", "file Files/A", "stream Files/A:s",
                                         "dir Files/b", "link Files/b/a > Files/A",
                                         "file Files/b/B", "point Files/l", "dir UtilityVM"));
  EXPECT_EQ(result_.entries, 8U);
  EXPECT_EQ(result_.whiteouts, 0U);
  EXPECT_EQ(result_.size, 3U);
  EXPECT_EQ(result_.tar_size, tar.size());
  EXPECT_EQ(result_.file_size, tar.size());
  EXPECT_FALSE(result_.parent);
  EXPECT_EQ(exported("base"), tar);
  EXPECT_EQ(warnings_, "");
}

TEST_F(ExportTar, OfAChildHasTheChanges) {
  const auto lines = expect_return(
      [](ImageWriter& writer) {
        make_directory(writer, "Files/d");
        make_directory(writer, "Files/d/e");
        make_file(writer, "Files/d/e/old", "1");
        make_file(writer, "Files/d/same", "1");
        make_file(writer, "Files/gone", "1");
        make_directory(writer, "Files/gone too");
        make_file(writer, "Files/gone too/inside", "1");
      },
      [](ImageWriter& writer) {
        make_file(writer, "Files/d/e/new", "2");
        make_file(writer, "Files/d/e/old", "2");
        writer.remove(path("Files/gone"));
        writer.remove(path("Files/gone too"));
      });
  EXPECT_THAT(lines, ElementsAre("dir Files", "dir Files/d", "dir Files/d/e", "file Files/d/e/new",
                                 "file Files/d/e/old", "gone Files/gone", "gone Files/gone too"));
  EXPECT_EQ(result_.whiteouts, 2U);
  EXPECT_EQ(result_.parent, cim_path(layer("base")));
}

TEST_F(ExportTar, OfAChildThatChangesNothingIsEmpty) {
  EXPECT_THAT(expect_return([](ImageWriter&) {}, [](ImageWriter&) {}), ElementsAre());
}

TEST_F(ExportTar, RemovesEntriesThatChangeTheirType) {
  const auto lines = expect_return(
      [](ImageWriter& writer) {
        make_directory(writer, "Files/dir");
        make_file(writer, "Files/dir/inside", "1");
        make_file(writer, "Files/file", "1");
        make_directory(writer, "Files/junction");
        make_file(writer, "Files/junction/inside", "1");
        make_file(writer, "Files/name", "1");
      },
      [](ImageWriter& writer) {
        writer.remove(path("Files/dir"));
        make_file(writer, "Files/dir", "2");
        make_directory(writer, "Files/file");
        writer.remove(path("Files/junction"));
        writer.add(path("Files/junction"),
                   {.attributes = attribute::kDirectory,
                    .reparse_data =
                        ReparsePoint::pointing_to(reparse_tag::kMountPoint, "C:\\x").encode()});
        writer.remove(path("Files/name"));
        make_file(writer, "Files/NAME", "1");
      });
  EXPECT_THAT(lines, ElementsAre("dir Files", "gone Files/dir", "file Files/dir", "gone Files/file",
                                 "dir Files/file", "gone Files/junction", "point Files/junction",
                                 "gone Files/name", "file Files/NAME"));
}

TEST_F(ExportTar, LinksNewNamesToUnchangedOnes) {
  const auto lines = expect_return([](ImageWriter& writer) { make_file(writer, "Files/m", "1"); },
                                   [](ImageWriter& writer) {
                                     writer.add_link(path("Files/a"), path("Files/m"));
                                     writer.add_link(path("Files/z"), path("Files/m"));
                                   });
  EXPECT_THAT(lines, ElementsAre("dir Files", "link Files/a > Files/m", "link Files/z > Files/m"));
}

TEST_F(ExportTar, KeepsOtherNamesOfAReplacedFile) {
  const auto lines = expect_return(
      [](ImageWriter& writer) {
        make_file(writer, "Files/a", "1");
        writer.add_link(path("Files/b"), path("Files/a"));
        writer.add_link(path("Files/c"), path("Files/a"));
      },
      [](ImageWriter& writer) {
        make_file(writer, "Files/a", "2");
        writer.add_link(path("Files/c"), path("Files/a"));
      });
  EXPECT_THAT(lines, ElementsAre("dir Files", "file Files/a", "link Files/c > Files/a"));
}

TEST_F(ExportTar, DistinguishesEqualFilesThatWereLinked) {
  const auto lines = expect_return(
      [](ImageWriter& writer) {
        make_file(writer, "Files/a", "1");
        writer.add_link(path("Files/b"), path("Files/a"));
        make_file(writer, "Files/c", "1");
        make_file(writer, "Files/d", "1");
      },
      [](ImageWriter& writer) {
        make_file(writer, "Files/b", "1");
        writer.add_link(path("Files/d"), path("Files/c"));
      });
  EXPECT_THAT(lines, ElementsAre("dir Files", "file Files/b", "link Files/d > Files/c"));
}

TEST_F(ExportTar, ComparesWithAnyGivenLayer) {
  make("one", [](ImageWriter& writer) { make_file(writer, "Files/a", "1"); });
  make("two", [](ImageWriter& writer) {
    make_file(writer, "Files/a", "1");
    make_file(writer, "Files/b", "1");
  });
  EXPECT_THAT(lines_of(exported("two", {.parents = {layer("one"), layer("nowhere")}})),
              ElementsAre("dir Files", "file Files/b"));
}

TEST_F(ExportTar, FindsTheParentByItsRegions) {
  make("base", [](ImageWriter& writer) { make_file(writer, "Files/a", "1"); });
  make(
      "child", [](ImageWriter& writer) { make_file(writer, "Files/b", "1"); }, "base");
  make(
      "grandchild", [](ImageWriter& writer) { make_file(writer, "Files/c", "1"); }, "child");
  std::ofstream(store_ / "cim-layers" / "a broken one.cim") << "no image";
  EXPECT_THAT(lines_of(exported("grandchild")), ElementsAre("dir Files", "file Files/c"));
  EXPECT_EQ(result_.parent, cim_path(layer("child")));
  std::filesystem::remove(cim_path(layer("child")));
  expect_error(ErrorCode::kNotFound, "its parent is not in the same directory",
               [&] { exported("grandchild"); });
  EXPECT_THAT(lines_of(exported("grandchild", {.content = ExportContent::kFlattened})),
              ElementsAre("dir Files", "file Files/a", "file Files/b", "file Files/c"));
}

constexpr std::string_view kConfig = "Files/Windows/System32/config";

void make_config(ImageWriter& writer) {
  make_directory(writer, "Files/Windows");
  make_directory(writer, "Files/Windows/System32");
  make_directory(writer, kConfig);
  make_file(writer, std::string(kConfig) + "/system", "base hive");
}

/// Adds what importing adds to a base layer.
void make_base_hives(ImageWriter& writer) {
  const FileTime time{7};
  writer.add(path("Hives"),
             {.attributes = attribute::kDirectory, .times = {time, time, time, time}});
  writer.add_link(path("Hives/SYSTEM_BASE"), path(std::string(kConfig) + "/SYSTEM"));
  make_file(writer, "layout", "vhd-with-hives\n");
}

// Without a marker nothing says who created Hives, so it is exported.
TEST_F(ExportTar, SkipsOnlyMergedHivesWithoutAMarker) {
  make("base", [](ImageWriter& writer) {
    make_config(writer);
    make_base_hives(writer);
  });
  EXPECT_THAT(lines_of(exported("base")),
              ElementsAre("dir Files", "dir Files/Windows", "dir Files/Windows/System32",
                          "dir Files/Windows/System32/config",
                          "file Files/Windows/System32/config/system", "dir Hives"));
  EXPECT_EQ(warnings_, "");
}

TEST_F(ExportTar, KeepsADirectoryHivesOfTheTar) {
  const FileTime time{7};
  const auto make_hives = [&](LayerWriter& writer) {
    writer.add(path("Hives"),
               {.attributes = attribute::kDirectory, .times = {time, time, time, time}});
  };
  const auto add_hives = [&](LayerWriter& writer) {
    for (const char* const above :
         {"Files", "Files/Windows", "Files/Windows/System32", "Files/Windows/System32/config"}) {
      writer.add(path(above), {.attributes = attribute::kDirectory});
    }
    for (const LayerHive& hive : kLayerHives) {
      writer.add(path(hive.config()), {}, 0);
    }
  };
  LayerWriter empty(layer("empty"), {});
  make_hives(empty);
  empty.close();
  EXPECT_THAT(lines_of(exported("empty")), ElementsAre("dir Hives"));
  LayerWriter own(layer("own"), {});
  make_hives(own);
  add_hives(own);
  own.close();
  EXPECT_THAT(lines_of(exported("own")), testing::Contains("dir Hives"));
  LayerWriter made(layer("made"), {});
  add_hives(made);
  made.close();
  EXPECT_THAT(lines_of(exported("made")), testing::Not(testing::Contains("dir Hives")));
}

TEST_F(ExportTar, WarnsOfHivesThatImportingWillNotCreate) {
  make("base", [](ImageWriter& writer) {
    make_directory(writer, "Hives");
    make_file(writer, "Hives/SAM_BASE", "poison");
    make_file(writer, "layout", "another");
  });
  EXPECT_THAT(lines_of(exported("base")), ElementsAre("dir Files", "dir Hives"));
  EXPECT_THAT(warnings_, testing::AllOf(testing::HasSubstr("\\Hives/SAM_BASE is skipped"),
                                        testing::HasSubstr("\\layout is skipped")));
}

TEST_F(ExportTar, HasOnlyTheDeltaHivesOfTheLayer) {
  make("base", [](ImageWriter& writer) {
    make_config(writer);
    make_base_hives(writer);
  });
  const auto with_delta = [](ImageWriter& writer) {
    make_directory(writer, "Hives");
    make_file(writer, "Hives/System_Delta", "delta");
    make_file(writer, "Hives/SYSTEM_BASE", "base hive and delta");
  };
  make("child", with_delta, "base");
  make(
      "grandchild", [](ImageWriter&) {}, "child");
  EXPECT_THAT(lines_of(exported("child")), ElementsAre("dir Hives", "file Hives/System_Delta"));
  EXPECT_THAT(lines_of(exported("grandchild")), ElementsAre());
  // Equal to the parent's, and yet the layer's own.
  std::filesystem::create_directory(layer("grandchild") / "Hives");
  std::ofstream(layer("grandchild") / "Hives" / "SYSTEM_DELTA") << "delta";
  EXPECT_THAT(lines_of(exported("grandchild")),
              ElementsAre("dir Hives", "file Hives/System_Delta"));
}

TEST_F(ExportTar, FlattenedHasTheMergedHives) {
  make("base", [](ImageWriter& writer) {
    make_config(writer);
    make_base_hives(writer);
    writer.add_link(path("Files/A"), path(std::string(kConfig) + "/system"));
  });
  make(
      "child",
      [](ImageWriter& writer) {
        make_file(writer, "Hives/System_Delta", "delta");
        make_file(writer, "Hives/SYSTEM_BASE", "base hive and delta");
      },
      "base");
  const std::string tar = exported("child", {.content = ExportContent::kFlattened});
  EXPECT_THAT(lines_of(tar),
              ElementsAre("dir Files", "file Files/A", "dir Files/Windows",
                          "dir Files/Windows/System32", "dir Files/Windows/System32/config",
                          "file Files/Windows/System32/config/system"));
  EXPECT_EQ(test::bytes_in(tar, std::string(kConfig) + "/system"), "base hive and delta");
  EXPECT_EQ(test::bytes_in(tar, "Files/A"), "base hive");
}

TEST_F(ExportTar, RefusesToFlattenUnmergedDeltas) {
  make("base", [](ImageWriter& writer) {
    make_directory(writer, "Hives");
    make_file(writer, "Hives/SAM_DELTA", "delta");
  });
  expect_error(ErrorCode::kUnsupported, "Hives/SAM_DELTA was never merged into a hive",
               [&] { exported("base", {.content = ExportContent::kFlattened}); });
}

TEST_F(ExportTar, PutsSidecarFilesBeforeTheirLinks) {
  make("base", [](ImageWriter& writer) {
    make_config(writer);
    writer.add_link(path("Files/A"), path(std::string(kConfig) + "/system"));
    writer.add_link(path("Files/z"), path(std::string(kConfig) + "/system"));
  });
  EXPECT_THAT(
      lines_of(exported("base")),
      ElementsAre("dir Files", "dir Files/Windows", "dir Files/Windows/System32",
                  "dir Files/Windows/System32/config", "file Files/Windows/System32/config/system",
                  "link Files/A > Files/Windows/System32/config/system",
                  "link Files/z > Files/Windows/System32/config/system"));
}

TEST_F(ExportTar, WarnsOfSkippedMetadataAndOwnRecords) {
  make("base", [](ImageWriter& writer) {
    make_file(writer, "elsewhere", "1");
    const Bytes foreign = {std::byte{0x1b}, std::byte{0}, std::byte{0}, std::byte{0x80},
                           std::byte{0},    std::byte{0}, std::byte{0}, std::byte{0}};
    writer.add(path("Files/p"), {.reparse_data = foreign}, 5);
  });
  EXPECT_THAT(lines_of(exported("base")), ElementsAre("dir Files", "point Files/p"));
  EXPECT_THAT(warnings_, HasSubstr("\\elsewhere is skipped"));
  EXPECT_THAT(warnings_, HasSubstr("\\Files\\p: 5 bytes are skipped"));
  EXPECT_THAT(warnings_, HasSubstr("\\Files\\p: its reparse data"));
}

TEST_F(ExportTar, RefusesNamesOfWhiteouts) {
  make("base", [](ImageWriter& writer) { make_file(writer, "Files/.wh.x", "1"); });
  expect_error(ErrorCode::kUnsupported, "Files/.wh.x: a layer's tar cannot contain this name",
               [&] { exported("base"); });
}

TEST_F(ExportTar, RequiresALayer) {
  expect_error(ErrorCode::kNotFound, "not a layer: ", [&] { exported("nothing"); });
}

TEST_F(ExportTar, CompressesAndReturnsTheDigests) {
  make("base",
       [](ImageWriter& writer) { make_file(writer, "Files/a", std::string(100'000, 'x')); });
  const std::string plain = exported("base", {.digests = true});
  const std::string diff_id = "sha256:" + to_hex(Sha256::of(as_bytes(plain)));
  EXPECT_EQ(result_.diff_id, diff_id);
  EXPECT_EQ(result_.digest, diff_id);
  for (const Compression compression : {Compression::kGzip, Compression::kZstd}) {
    if (compression == Compression::kZstd && !has_feature("zstd")) {
      continue;
    }
    const std::string packed = exported("base", {.compression = compression, .digests = true});
    EXPECT_EQ(result_.diff_id, diff_id);
    EXPECT_EQ(result_.digest, "sha256:" + to_hex(Sha256::of(as_bytes(packed))));
    EXPECT_LT(packed.size(), 2000U);
    EXPECT_EQ(result_.file_size, packed.size());
    EXPECT_EQ(result_.tar_size, plain.size());
    std::ofstream(directory_.path() / "packed", std::ios::binary) << packed;
    tar::Input input(directory_.path() / "packed");
    const auto source = tar::decompress(input);
    std::string unpacked;
    for (ByteView run = source->next(); !run.empty(); run = source->next()) {
      unpacked += as_text(run);
    }
    EXPECT_EQ(unpacked, plain);
    std::filesystem::remove(directory_.path() / "packed");
  }
}

TEST_F(ExportTar, DerivesTheCompressionFromTheName) {
  EXPECT_EQ(compression_named("a.gz/layer.tar"), Compression::kNone);
  EXPECT_EQ(compression_named("layer.tar.gz"), Compression::kGzip);
  EXPECT_EQ(compression_named("layer.tgz"), Compression::kGzip);
  EXPECT_EQ(compression_named("layer.tar.zst"), Compression::kZstd);
  EXPECT_EQ(compression_named("layer.tzst"), Compression::kZstd);
  EXPECT_EQ(compression_named("-"), Compression::kNone);
}

TEST_F(ExportTar, CreatesACompleteFileOrNone) {
  make("base", [](ImageWriter& writer) { make_file(writer, "Files/a", "1"); });
  const auto tar = directory_.path() / "out" / "layer.tar";
  std::filesystem::create_directory(tar.parent_path());
  std::stop_source stop;
  stop.request_stop();
  expect_error(ErrorCode::kCancelled, "cancelled",
               [&] { export_tar(layer("base"), tar, {.stop = stop.get_token()}); });
  EXPECT_TRUE(std::filesystem::is_empty(tar.parent_path()));
  const ExportResult result = export_tar(layer("base"), tar);
  EXPECT_EQ(result.file_size, std::filesystem::file_size(tar));
  expect_error(ErrorCode::kExists, "already exists", [&] { export_tar(layer("base"), tar); });
}

TEST_F(ExportTar, ReplacesAFileIfAskedTo) {
  make("base", [](ImageWriter& writer) { make_file(writer, "Files/a", "1"); });
  const auto tar = directory_.path() / "layer.tar";
  const ExportOptions replacing{.replaces_existing = true};
  std::ofstream(tar) << "an older tar";
  const ExportResult result = export_tar(layer("base"), tar, replacing);
  EXPECT_EQ(std::filesystem::file_size(tar), result.file_size);
  expect_error(ErrorCode::kExists, "already exists",
               [&] { export_tar(layer("base"), directory_.path(), replacing); });
}

TEST_F(ExportTar, ReplacesTheFileThatALinkNames) {
  make("base", [](ImageWriter& writer) { make_file(writer, "Files/a", "1"); });
  const auto tar = directory_.path() / "layer.tar";
  const auto link = directory_.path() / "link.tar";
  std::ofstream(tar) << "an older tar";
  std::error_code no_links_here;
  std::filesystem::create_symlink(tar.filename(), link, no_links_here);
  if (no_links_here) {
    GTEST_SKIP() << "no symbolic links: " << no_links_here.message();
  }
  const ExportResult result = export_tar(layer("base"), link, {.replaces_existing = true});
  EXPECT_TRUE(std::filesystem::is_symlink(link));
  EXPECT_EQ(std::filesystem::file_size(tar), result.file_size);
}

TEST_F(ExportTar, ReportsProgress) {
  make("base",
       [](ImageWriter& writer) { make_file(writer, "Files/a", std::string(3'000'000, 'x')); });
  Progress last;
  exported("base", {.progress = [&](const Progress& progress) {
             EXPECT_GE(progress.bytes_done, last.bytes_done);
             EXPECT_EQ(progress.bytes_total, 3'000'000U);
             last = progress;
           }});
  EXPECT_EQ(last.bytes_done, 3'000'000U);
  EXPECT_EQ(last.entries_done, 2U);
}

/// Random changes of a tree with few names, so that they often collide.
class Changes {
 public:
  explicit Changes(unsigned seed) : random_(seed) {}

  void make(ImageWriter& writer, int count) {
    for (int i = 0; i < count; ++i) {
      try {
        make_one(writer);
      } catch (const Error& error) {
        // Missing or unsuitable parents, and missing names: all documented as harmless.
        ASSERT_THAT(to_string(error.code()),
                    testing::AnyOf("not-found", "invalid-argument", "access-denied"));
      }
    }
  }

 private:
  unsigned below(unsigned end) {
    return std::uniform_int_distribution<unsigned>(0, end - 1)(random_);
  }

  ImagePath any_path() {
    static constexpr std::array<std::string_view, 6> kNames = {"a", "A", "bb", "c", "d", "\u00e9"};
    std::string text = below(8) == 0 ? "UtilityVM" : "Files";
    for (unsigned depth = 1 + below(3); depth > 0; --depth) {
      text += "/" + std::string(kNames[below(kNames.size())]);
    }
    return path(text);
  }

  FileMetadata any_metadata() {
    return {.attributes = below(2) == 0 ? attribute::kArchive : attribute::kHidden,
            .times = times(below(2))};
  }

  void make_one(ImageWriter& writer) {
    const ImagePath at = any_path();
    switch (below(10)) {
      case 0:
        writer.remove(at);
        return;
      case 1:
      case 2:
      case 3:
        return make_directory(writer, at);
      case 4:
      case 5:
        return writer.add_link(at, any_path());
      case 6:
        writer.add_alternate_stream({at, below(2) == 0 ? u"s" : u"t"}, 1);
        return writer.write(as_bytes(below(2) == 0 ? "x" : "y"));
      case 7:
        return make_point(writer, at);
      default:
        writer.add(at, any_metadata(), 1);
        return writer.write(as_bytes(below(2) == 0 ? "1" : "2"));
    }
  }

  void make_directory(ImageWriter& writer, const ImagePath& at) {
    FileMetadata metadata = any_metadata();
    metadata.attributes |= attribute::kDirectory;
    writer.add(at, metadata);
  }

  void make_point(ImageWriter& writer, const ImagePath& at) {
    FileMetadata metadata = any_metadata();
    metadata.attributes |= below(2) == 0 ? attribute::kDirectory : 0;
    const Bytes buffer =
        ReparsePoint::pointing_to(reparse_tag::kSymlink, below(2) == 0 ? "x" : "y").encode();
    metadata.reparse_data = buffer;
    writer.add(at, metadata);
  }

  std::mt19937 random_;
};

class RandomChanges : public ExportTar, public testing::WithParamInterface<unsigned> {};

TEST_P(RandomChanges, RoundTrip) {
  Changes changes(GetParam());
  expect_return(
      [&](ImageWriter& writer) {
        make_directory(writer, "UtilityVM");
        changes.make(writer, 120);
      },
      [&](ImageWriter& writer) { changes.make(writer, 40); });
}

// CIMLIB_EXPORT_SEEDS asks for more of them.
unsigned seed_count() {
  const char* const wish = std::getenv("CIMLIB_EXPORT_SEEDS");
  return wish == nullptr ? 12 : static_cast<unsigned>(std::stoul(wish));
}

INSTANTIATE_TEST_SUITE_P(BySeed, RandomChanges, testing::Range(0U, seed_count()));

}  // namespace
}  // namespace cim::layer
