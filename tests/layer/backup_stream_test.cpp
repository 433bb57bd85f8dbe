// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "cimlib/backup_stream.h"

#include <algorithm>
#include <iterator>
#include <random>

#include <gmock/gmock.h>

#include "cimlib/check.h"
#include "cimlib/diff.h"

#include "base/bytes.h"
#include "expect_error.h"
#include "layer_test.h"
#include "ntfs/backup_bytes.h"
#include "sample_hives.h"

namespace cim::layer {
namespace {

using test::alternate;
using test::BackupRecord;
using test::BackupRecords;
using test::block;
using test::bytes_of;
using test::data;
using test::eas;
using test::expect_error;
using test::length;
using test::reparse;
using test::security;
using test::sparse;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr FileTimes kBackupTimes = {{1}, {2}, {3}, {4}};

ImagePath image_path(std::string_view path) {
  return ImagePath::parse(path);
}

/// A file as the plain calls add it.
struct PlainFile {
  std::string data{};
  std::string descriptor{};
  std::string extended_attributes{};
  std::string reparse_data{};
  std::vector<std::pair<std::u16string, std::string>> streams{};
  std::uint32_t attributes = attribute::kArchive;

  void add_to(LayerWriter& writer, const ImagePath& path) const {
    writer.add(path,
               {.attributes = attributes,
                .times = kBackupTimes,
                .security_descriptor = as_bytes(descriptor),
                .extended_attributes = as_bytes(extended_attributes),
                .reparse_data = as_bytes(reparse_data)},
               data.size());
    writer.write(as_bytes(data));
    for (const auto& [name, bytes] : streams) {
      writer.add_alternate_stream({path, name}, bytes.size());
      writer.write(as_bytes(bytes));
    }
  }
};

class BackupLayerWriterTest : public test::LayerTest {
 protected:
  LayerOptions options() {
    return {.image = {.reproducible = true},
            .warning = [this](const std::string& text) { warnings_.push_back(text); }};
  }

  /// Returns a writer of a layer with the directory Files.
  BackupLayerWriter writer(std::string_view name, const ImportLimits& limits = {}) {
    BackupLayerWriter writer(layer(name), {}, options(), limits);
    writer.add(image_path("Files"), attribute::kDirectory, kBackupTimes);
    return writer;
  }

  LayerWriter plain_writer(std::string_view name) {
    LayerWriter writer(layer(name), {}, options());
    writer.add(image_path("Files"), {.attributes = attribute::kDirectory, .times = kBackupTimes});
    return writer;
  }

  /// Writes a layer with one file from its backup stream.
  void write(std::string_view name, const BackupRecords& records,
             std::uint32_t attributes = attribute::kArchive) {
    BackupLayerWriter backup = writer(name);
    backup.add(image_path("Files/a"), attributes, kBackupTimes);
    backup.write(as_bytes(bytes_of(records)));
    backup.close();
  }

  bool are_same(std::string_view a, std::string_view b) {
    return diff(cim_path(layer(a)), cim_path(layer(b)), {},
                [](const Difference& difference) {
                  ADD_FAILURE() << difference.path.to_string() << ": fields " << difference.fields;
                  return true;
                })
        .is_same();
  }

  /// A file's backup stream and what it should become.
  using Pairs = std::vector<std::pair<BackupRecords, PlainFile>>;

  /// Writes the files both ways and expects the same layers.
  void expect_same(const Pairs& files) {
    BackupLayerWriter backup = writer("backup");
    LayerWriter plain = plain_writer("plain");
    for (std::size_t i = 0; i < files.size(); ++i) {
      const ImagePath path = image_path("Files/" + std::to_string(i));
      const auto& [records, file] = files[i];
      backup.add(path, file.attributes, kBackupTimes);
      backup.write(as_bytes(bytes_of(records)));
      file.add_to(plain, path);
    }
    backup.close();
    plain.close();
    EXPECT_TRUE(are_same("backup", "plain"));
    const CheckReport report = check(cim_path(layer("backup")), {.depth = CheckDepth::kDeep});
    for (const Finding& finding : report.findings) {
      ADD_FAILURE() << to_string(finding);
    }
  }

  /// Expects an error from a file's backup stream, and no remains of the layer.
  void expect_failure(ErrorCode code, std::string_view words, const BackupRecords& records,
                      std::uint32_t attributes = attribute::kArchive) {
    SCOPED_TRACE(words);
    expect_error(code, words, [&] { write("failing", records, attributes); });
    EXPECT_THAT(files_below(layer("failing")), IsEmpty());
    EXPECT_FALSE(is_cim_layer(layer("failing")));
    for (const std::string& file : files_below(store_ / "cim-layers")) {
      EXPECT_THAT(file, testing::Not(HasSubstr("tmp")));
    }
  }

  std::vector<std::string> warnings_;
};

TEST_F(BackupLayerWriterTest, WritesTheSameLayerAsThePlainCalls) {
  BackupLayerWriter backup = writer("backup");
  LayerWriter plain = plain_writer("plain");
  const PlainFile file = {.data = std::string(100'000, 'd'),
                          .descriptor = test::sample_descriptor(),
                          .extended_attributes = test::sample_eas(),
                          .streams = {{u"Zone.Identifier", "[ZoneTransfer]"}, {u"empty", ""}}};
  backup.add(image_path("Files/a"), attribute::kArchive, kBackupTimes);
  backup.write(as_bytes(
      bytes_of({security(file.descriptor), eas(file.extended_attributes), data(file.data),
                alternate(u"Zone.Identifier", "[ZoneTransfer]"), alternate(u"empty", "")})));
  file.add_to(plain, image_path("Files/a"));

  const PlainFile directory = {.descriptor = test::sample_descriptor(),
                               .streams = {{u"of the directory", "s"}},
                               .attributes = attribute::kDirectory};
  backup.add(image_path("Files/d"), attribute::kDirectory, kBackupTimes);
  backup.write(
      as_bytes(bytes_of({security(directory.descriptor), alternate(u"of the directory", "s")})));
  directory.add_to(plain, image_path("Files/d"));

  const PlainFile point = {.reparse_data = test::sample_reparse()};
  backup.add(image_path("Files/d/point"), attribute::kArchive | attribute::kReparsePoint,
             kBackupTimes);
  backup.write(as_bytes(bytes_of({reparse(point.reparse_data)})));
  point.add_to(plain, image_path("Files/d/point"));

  backup.add_link(image_path("Files/b"), image_path("Files/a"));
  plain.add_link(image_path("Files/b"), image_path("Files/a"));
  backup.add(image_path("Files/no stream"), attribute::kHidden, kBackupTimes);
  PlainFile{.attributes = attribute::kHidden}.add_to(plain, image_path("Files/no stream"));
  backup.add(image_path("Files/removed"), 0, kBackupTimes);
  EXPECT_TRUE(backup.remove(image_path("Files/removed")));
  EXPECT_FALSE(backup.remove(image_path("Files/removed")));
  EXPECT_TRUE(backup.layer().exists(image_path("Files/b")));
  EXPECT_EQ(backup.close().image.files, plain.close().image.files);
  EXPECT_TRUE(are_same("backup", "plain"));
  // The region files are named after the layer's content.
  EXPECT_EQ(test::read_file(cim_path(layer("backup"))), test::read_file(cim_path(layer("plain"))));
  EXPECT_THAT(warnings_,
              ElementsAre(HasSubstr("no registry hives"), HasSubstr("no registry hives")));
}

TEST_F(BackupLayerWriterTest, AcceptsMetadataBeforeAndAfterTheData) {
  const PlainFile file = {.data = "hello",
                          .descriptor = test::sample_descriptor(),
                          .extended_attributes = test::sample_eas(),
                          .reparse_data = test::sample_reparse(),
                          .streams = {{u"s", "stream"}}};
  BackupRecords records = {security(file.descriptor), eas(file.extended_attributes),
                           reparse(file.reparse_data), data(file.data), alternate(u"s", "stream")};
  std::ranges::sort(records, {}, &BackupRecord::id);
  Pairs files;
  do {
    const auto place = [&](std::uint32_t id) {
      return std::ranges::find(records, id, &BackupRecord::id);
    };
    if (place(1) < place(4)) {
      files.emplace_back(records, file);
    }
  } while (std::ranges::next_permutation(records, {}, &BackupRecord::id).found);
  EXPECT_EQ(files.size(), 60U);
  expect_same(files);
  expect_failure(ErrorCode::kUnsupported, "the default stream comes after an alternate stream",
                 {alternate(u"s", "stream"), data("hello")});
}

TEST_F(BackupLayerWriterTest, AcceptsLateMetadataOfDirectories) {
  expect_same({{{alternate(u"s", "stream"), security(test::sample_descriptor()), data("")},
                {.descriptor = test::sample_descriptor(),
                 .streams = {{u"s", "stream"}},
                 .attributes = attribute::kDirectory}}});
}

TEST_F(BackupLayerWriterTest, ReadsListsOfExtendedAttributesInTheFormOfAVolume) {
  std::string on_volume = test::sample_eas();
  on_volume[0] = static_cast<char>(on_volume.size());
  expect_same({{{eas(on_volume)}, {.extended_attributes = test::sample_eas()}}});
}

// ---- sparse streams ----

TEST_F(BackupLayerWriterTest, WritesSparseBlocksInWhateverOrderTheyCome) {
  std::string expected(30'000, '\0');
  expected.replace(0, 5, "start").replace(5, 3, "end").replace(10'000, 4, "near");
  expected.replace(20'000, 5000, std::string(5000, 'f'));
  BackupRecords blocks = {block(5, "end"), block(10'000, "near"),
                          block(20'000, std::string(4000, 'f')),
                          block(24'000, std::string(1000, 'f'))};
  Pairs files;
  do {
    BackupRecords records = {sparse(data("start"))};
    records.insert(records.end(), blocks.begin(), blocks.end());
    records.push_back(length(expected.size()));
    records.push_back(sparse(alternate(u"s", "start")));
    records.insert(records.end(), blocks.begin(), blocks.end());
    files.push_back({records, {.data = expected, .streams = {{u"s", expected.substr(0, 25'000)}}}});
  } while (std::ranges::next_permutation(blocks, {}, &BackupRecord::offset).found);
  EXPECT_EQ(files.size(), 24U);
  expect_same(files);
}

TEST_F(BackupLayerWriterTest, AcceptsEveryFormOfASparseStream) {
  expect_same({
      {{sparse(data(""))}, {}},
      {{sparse(data("")), length(0)}, {}},
      {{sparse(data("")), length(100'000)}, {.data = std::string(100'000, '\0')}},
      {{sparse(data("whole"))}, {.data = "whole"}},
      {{sparse(data("")), block(0, "ab"), block(2, "cd"), length(4)}, {.data = "abcd"}},
      {{sparse(data("")), block(2, "cd"), block(0, "ab")}, {.data = "abcd"}},
      {{sparse(data("")), block(1, "x"), eas(test::sample_eas())},
       {.data = std::string("\0x", 2), .extended_attributes = test::sample_eas()}},
      {{sparse(data("")), block(3'000'000, std::string(2'500'000, 'l')), block(0, "s")},
       {.data = "s" + std::string(2'999'999, '\0') + std::string(2'500'000, 'l')}},
  });
}

TEST_F(BackupLayerWriterTest, RefusesSparseBlocksThatOverlap) {
  expect_failure(ErrorCode::kCorrupt, "\\Files\\a: at byte 50: a sparse block overlaps another one",
                 {sparse(data("")), block(10, "xy"), block(11, "y")});
  expect_failure(ErrorCode::kCorrupt, "overlaps",
                 {sparse(data("")), block(11, "y"), block(10, "xy"), length(20)});
  expect_failure(ErrorCode::kCorrupt, "overlaps", {sparse(data("abc")), block(2, "x"), eas("")});
  expect_failure(ErrorCode::kCorrupt, "overlaps",
                 {sparse(data("")), block(0, "x"), block(0, "x"), alternate(u"s", "")});
}

// ---- what images cannot store ----

TEST_F(BackupLayerWriterTest, ReportsEachKindOfRecordThatItSkips) {
  BackupLayerWriter backup = writer("backup");
  backup.add(image_path("Files/a"), 0, kBackupTimes);
  backup.write(as_bytes(bytes_of({{.id = 5, .body = "\\b"},
                                  {.id = 5, .body = "\\c"},
                                  {.id = 6, .body = "property"},
                                  data("hello"),
                                  {.id = 7, .body = std::string(64, 'i')},
                                  {.id = 10, .name = u":$TXF_DATA:$LOGGED_UTILITY_STREAM"}})));
  backup.close();
  EXPECT_THAT(warnings_,
              ElementsAre("\\Files\\a: skipped the names of its other links in its backup stream",
                          "\\Files\\a: skipped the property data in its backup stream",
                          "\\Files\\a: skipped the object id in its backup stream",
                          "\\Files\\a: skipped the transactional data in its backup stream",
                          HasSubstr("no registry hives")));
  EXPECT_EQ(text_in(layer("backup"), "Files/a"), "hello");
}

// ---- invalid streams ----

TEST_F(BackupLayerWriterTest, RefusesInvalidMetadata) {
  const std::string long_list(65536, '\0');
  expect_failure(ErrorCode::kCorrupt, "\\Files\\a: at byte 40: security descriptor",
                 {data(""), {.id = 3, .body = "?"}});
  expect_failure(ErrorCode::kCorrupt, "\\Files\\a: at byte 20: extended attributes",
                 {eas("short")});
  expect_failure(ErrorCode::kCorrupt, "reparse data", {reparse("")});
  expect_failure(ErrorCode::kCorrupt, "the header states 4 bytes of data, but there are 5",
                 {reparse(test::sample_reparse() + "!")});
  expect_failure(ErrorCode::kLimit, "65536 bytes of metadata; the limit is 65535",
                 {security(long_list)});
  expect_failure(ErrorCode::kLimit, "65536 bytes of metadata; the limit is 65535",
                 {eas(long_list)});
  expect_failure(ErrorCode::kLimit, "16385 bytes of metadata; the limit is 16384",
                 {reparse(long_list.substr(0, 16385))});
}

TEST_F(BackupLayerWriterTest, RefusesStreamsThatAFileCannotHave) {
  expect_failure(ErrorCode::kCorrupt, "at byte 36: a second alternate stream of one name",
                 {alternate(u"s", ""), alternate(u"S", "")});
  expect_failure(ErrorCode::kCorrupt, "the name of an alternate stream: a/b",
                 {alternate(u"a/b", "")});
  expect_failure(ErrorCode::kCorrupt, "a name of 256 UTF-16 units",
                 {alternate(std::u16string(256, u'n'), "")});
  expect_failure(ErrorCode::kCorrupt, "data of a directory", {data("x")}, attribute::kDirectory);
  expect_failure(ErrorCode::kCorrupt, "data of a directory", {sparse(data(""))},
                 attribute::kDirectory);
}

TEST_F(BackupLayerWriterTest, RefusesAStreamThatEndsEarly) {
  expect_failure(ErrorCode::kCorrupt, "ends 5 bytes before the end of a record",
                 {{.id = 1, .size = 5}});
  expect_failure(ErrorCode::kCorrupt, "ends 1 bytes before the end of a record",
                 {sparse(data("")), {.id = 9, .offset = 1, .size = 9}});
}

TEST_F(BackupLayerWriterTest, FailsForGoodAfterAnInvalidStream) {
  BackupLayerWriter backup = writer("failing");
  backup.add(image_path("Files/a"), 0, kBackupTimes);
  const std::string invalid = bytes_of({{.id = 0}});
  const auto write = [&] { backup.write(as_bytes(invalid)); };
  expect_error(ErrorCode::kCorrupt, "kind 0", write);
  expect_error(ErrorCode::kCorrupt, "kind 0", write);
  expect_error(ErrorCode::kCorrupt, "kind 0",
               [&] { backup.add(image_path("Files/b"), 0, kBackupTimes); });
  expect_error(ErrorCode::kCorrupt, "kind 0", [&] { backup.close(); });
}

TEST_F(BackupLayerWriterTest, RefusesBytesWithoutAFile) {
  BackupLayerWriter backup(layer("failing"), {}, options());
  expect_error(ErrorCode::kInvalidArgument, "no file was begun to write to",
               [&] { backup.write(as_bytes("x")); });
}

TEST_F(BackupLayerWriterTest, ReportsAPathThatTheLayerCannotHave) {
  BackupLayerWriter backup = writer("failing");
  backup.add(image_path("Files/missing/a"), 0, kBackupTimes);
  expect_error(ErrorCode::kNotFound, "\\Files\\missing", [&] { backup.close(); });
}

TEST_F(BackupLayerWriterTest, KeepsTheLimitsOfImports) {
  {
    BackupLayerWriter backup = writer("entries", {.entries = 2});
    backup.add(image_path("Files/a"), 0, kBackupTimes);
    expect_error(ErrorCode::kLimit, "\\Files\\b: more than the 2 entries allowed",
                 [&] { backup.add(image_path("Files/b"), 0, kBackupTimes); });
  }
  const auto fails = [&](const BackupRecords& records) {
    BackupLayerWriter backup = writer("size", {.size = 10});
    backup.add(image_path("Files/a"), 0, kBackupTimes);
    backup.write(as_bytes(bytes_of({data("12345678")})));
    backup.add(image_path("Files/b"), 0, kBackupTimes);
    expect_error(ErrorCode::kLimit, "make the layer larger than allowed",
                 [&] { backup.write(as_bytes(bytes_of(records))); });
  };
  fails({data("abc")});
  fails({alternate(u"s", "abc")});
  fails({sparse(data("abc"))});
  fails({sparse(data("")), length(3)});
  fails({sparse(data("")), block(2, "x")});
  fails({sparse(data("")), block(0, "x"), block(0, "x"), block(0, "x")});
  fails({{.id = 1, .size = 0x7FFF'FFFF'FFFF'FFFF}});
  BackupLayerWriter backup = writer("fits", {.size = 10, .entries = 2});
  backup.add(image_path("Files/a"), 0, kBackupTimes);
  backup.write(as_bytes(bytes_of({data("12345678"), sparse(alternate(u"s", "")), length(2)})));
  backup.close();
}

// ---- sidecar files ----

TEST_F(BackupLayerWriterTest, WritesSidecarFiles) {
  BackupLayerWriter backup = writer("backup");
  const auto directory = [&](std::string_view path) {
    backup.add(image_path(path), attribute::kDirectory, kBackupTimes);
  };
  directory("UtilityVM");
  directory("UtilityVM/Files");
  directory("UtilityVM/Files/EFI");
  directory("UtilityVM/Files/EFI/Microsoft");
  directory("UtilityVM/Files/EFI/Microsoft/Boot");
  const std::string path = "UtilityVM/Files/EFI/Microsoft/Boot/bootmgfw.efi";
  backup.add(image_path(path), 0, kBackupTimes);
  backup.write(as_bytes(bytes_of({sparse(data("boot")), block(6, "manager"), length(20),
                                  eas(test::sample_eas()), alternate(u"s", "stream")})));
  backup.close();
  const std::string expected("boot\0\0manager\0\0\0\0\0\0\0", 20);
  EXPECT_EQ(text_in(layer("backup"), path), expected);
  EXPECT_EQ(test::read_file(layer("backup") / path), expected);
  const Image image(cim_path(layer("backup")));
  EXPECT_EQ(image.info(image.find(image_path(path)).value()).ea_size, test::sample_eas().size());
}

TEST_F(BackupLayerWriterTest, RefusesASidecarFileThatBecomesAReparsePoint) {
  BackupLayerWriter backup = writer("failing");
  backup.add(image_path("Hives"), attribute::kDirectory, kBackupTimes);
  backup.add(image_path("Hives/SAM_DELTA"), 0, kBackupTimes);
  backup.write(as_bytes(bytes_of({data("hive"), reparse(test::sample_reparse())})));
  expect_error(ErrorCode::kUnsupported,
               "\\Hives\\SAM_DELTA: layers store this file separately, so it cannot become",
               [&] { backup.close(); });
}

// ---- pieces ----

TEST_F(BackupLayerWriterTest, WritesTheSameFilesHoweverTheirStreamsAreCut) {
  BackupLayerWriter backup = writer("backup");
  BackupLayerWriter whole = writer("whole");
  std::mt19937 random(1);
  const auto corpus = test::backup_corpus();
  for (std::size_t i = 0; i < 20 * corpus.size(); ++i) {
    const ImagePath path = image_path("Files/" + std::to_string(i));
    const std::string bytes = bytes_of(corpus[i % corpus.size()]);
    whole.add(path, 0, kBackupTimes);
    whole.write(as_bytes(bytes));
    backup.add(path, 0, kBackupTimes);
    const std::size_t most = std::size_t{1} << (random() % 13);
    for (std::size_t done = 0; done < bytes.size();) {
      const std::size_t size = std::min<std::size_t>(random() % (most + 1), bytes.size() - done);
      const Bytes piece(as_bytes(bytes).begin() + static_cast<std::ptrdiff_t>(done),
                        as_bytes(bytes).begin() + static_cast<std::ptrdiff_t>(done + size));
      backup.write(piece);
      done += size;
    }
  }
  backup.close();
  whole.close();
  EXPECT_TRUE(are_same("backup", "whole"));
  EXPECT_EQ(test::read_file(cim_path(layer("backup"))), test::read_file(cim_path(layer("whole"))));
}

}  // namespace
}  // namespace cim::layer
