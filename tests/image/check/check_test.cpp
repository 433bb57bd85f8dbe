// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
// Checks of valid images, and of images that can't be checked.

#include "cimlib/check.h"

#include <cstring>
#include <fstream>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cimlib/image.h"

#include "expect_error.h"
#include "image/read/image_reader.h"
#include "image/read/region_files.h"
#include "image/read_strictly.h"
#include "image/sample_image.h"
#include "image/specimen.h"
#include "os/file.h"
#include "temporary_directory.h"

namespace cim {
namespace {

using test::expect_error;
using test::path;
using test::put;

std::string text_of(const CheckReport& report) {
  std::string text;
  for (const Finding& finding : report.findings) {
    text += to_string(finding) + "\n";
  }
  return text;
}

CheckReport check_deep(const std::filesystem::path& image) {
  return check(image, {.depth = CheckDepth::kDeep});
}

TEST(Check, FindsNothingInAValidImageAndCounts) {
  const test::TemporaryDirectory directory;
  const auto image = directory.path() / "sample.cim";
  test::write_sample_image(image);
  const CheckReport report = check_deep(image);
  EXPECT_TRUE(report.is_clean());
  EXPECT_EQ(text_of(report), "");
  EXPECT_EQ(report.directories, 3U);
  EXPECT_EQ(report.files, 8U);
  EXPECT_EQ(report.hard_linked_files, 1U);
  EXPECT_EQ(report.names, 11U);
  EXPECT_EQ(report.streams, 2U);
  EXPECT_GT(report.verified_objects, 5U);
  EXPECT_GT(report.verified_bytes, 5000U + 0x4100 + 4096);
}

TEST(Check, FindsOnlyRemovedFilesInForks) {
  const test::TemporaryDirectory directory;
  const auto base = directory.path() / "base.cim";
  const auto fork = directory.path() / "fork.cim";
  test::write_sample_image(base);
  {
    ImageWriter writer(fork, {.base = base});
    put(writer, "Files/small.txt", as_bytes("changed"));
    put(writer, "Files/new.txt", as_bytes("new"));
    writer.add_alternate_stream({path("Files/page.bin"), u"s"}, 1);
    writer.write(as_bytes("x"));
    writer.remove(path("Files/eas"));
    writer.remove(path("Files/empty"));
    writer.commit();
  }
  const CheckReport report = check_deep(fork);
  EXPECT_TRUE(report.is_clean()) << text_of(report);
  EXPECT_THAT(text_of(report), testing::HasSubstr("2 records of files without names"));
  EXPECT_EQ(report.notes, 1U);
  EXPECT_EQ(text_of(check_deep(base)), "");
}

// Returns the sample as an image of another version: with records of another size in a table
// elsewhere.
test::Specimen of_version(std::uint8_t major, std::uint16_t record_size) {
  test::Specimen specimen;
  const std::string metadata = test::Specimen::region(0);
  const std::size_t old_table = specimen.record("\\");
  const std::uint16_t count = specimen.get<Le16>(metadata, specimen.file_tables() + 8);
  Bytes records;
  for (std::size_t i = 0; i < count; ++i) {
    const auto record = ByteView(specimen.file(metadata)).subspan(old_table + i * 96, 96);
    append(records, record.first(std::min<std::size_t>(96, record_size)));
    records.resize((i + 1) * record_size, std::byte{0xAB});
  }
  std::fill_n(&specimen.file(metadata)[old_table], std::size_t{count} * 96, std::byte{0});
  const std::size_t table = specimen.append(records);
  specimen.set(metadata, specimen.file_tables(), Le64(table));
  specimen.set(metadata, specimen.file_tables() + 10, Le16(record_size));
  for (const std::string& file : {std::string(test::kSampleName), metadata,
                                  test::Specimen::region(1), test::Specimen::region(2)}) {
    specimen.set8(file, 16, major);
  }
  return specimen;
}

TEST(Check, FindsNothingInOtherVersions) {
  const std::pair<std::uint8_t, std::uint16_t> kVersions[] = {{1, 88}, {2, 96}, {3, 104}};
  for (const auto& [major, record_size] : kVersions) {
    const test::TemporaryDirectory directory;
    of_version(major, record_size).write(directory.path());
    const CheckReport report = check_deep(directory.path() / test::kSampleName);
    EXPECT_EQ(text_of(report), "") << "version " << int{major};
    EXPECT_EQ(report.files, 8U);
    test::read_strictly(directory.path() / test::kSampleName);
  }
}

TEST(Check, RefusesOtherFiles) {
  const test::TemporaryDirectory directory;
  expect_error(ErrorCode::kNotFound, "none.cim", [&] { check(directory.path() / "none.cim"); });
  expect_error(ErrorCode::kInvalidArgument, "not a regular file", [&] { check(directory.path()); });
  const auto text = directory.path() / "text.cim";
  std::ofstream(text) << "a text of some length";
  expect_error(ErrorCode::kCorrupt, "not a CIM file", [&] { check(text); });
  std::ofstream(text, std::ios::trunc).flush();
  expect_error(ErrorCode::kCorrupt, "not a CIM file", [&] { check(text); });
}

TEST(Check, KeepsALimitedNumberOfFindings) {
  const test::TemporaryDirectory directory;
  const auto image = directory.path() / "sample.cim";
  test::write_sample_image(image);
  for (unsigned i = 0; i < 3; ++i) {
    std::filesystem::remove(directory.path() / region_file_name(test::kSampleGuid, i));
  }
  const CheckReport report = check(image, {.max_findings = 2});
  EXPECT_EQ(report.findings.size(), 2U);
  EXPECT_EQ(report.faults, 3U);
}

TEST(Check, StopsOnRequest) {
  const test::TemporaryDirectory directory;
  const auto image = directory.path() / "sample.cim";
  test::write_sample_image(image);
  std::stop_source source;
  source.request_stop();
  expect_error(ErrorCode::kCancelled, "stopped",
               [&] { check(image, {.stop = source.get_token()}); });
}

TEST(Check, ReportsProgress) {
  const test::TemporaryDirectory directory;
  const auto image = directory.path() / "sample.cim";
  test::write_sample_image(image);
  std::uint64_t last = 0;
  std::uint64_t total = 0;
  check(image, {.depth = CheckDepth::kDeep, .progress = [&](const Progress& progress) {
                  EXPECT_GE(progress.bytes_done, last);
                  last = progress.bytes_done;
                  total = progress.bytes_total.value();
                }});
  EXPECT_EQ(last, total);
  EXPECT_GT(total, 131072U);
}

TEST(Check, FindsPartsThatAreNotRegularFiles) {
  const test::TemporaryDirectory directory;
  const auto image = directory.path() / "sample.cim";
  test::write_sample_image(image);
  for (const std::string& name :
       {region_file_name(test::kSampleGuid, 1), object_id_file_name(test::kSampleGuid, 2)}) {
    std::filesystem::remove(directory.path() / name);
    std::filesystem::create_directory(directory.path() / name);
  }
  const std::string text = text_of(check(image));
  EXPECT_THAT(text, testing::HasSubstr("not a regular file [region-unreadable]"));
  EXPECT_THAT(text, testing::HasSubstr("not a regular file [object-ids-unreadable]"));
}

// docs/findings.md has a line for each kind, as in "| `region-missing` | fault | a region file ...
// |".
TEST(FindingKinds, AreDocumented) {
  std::ifstream file(CIMLIB_SOURCE_DIR "/docs/findings.md");
  std::vector<std::string> rows;
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with("| `")) {
      rows.push_back(line);
    }
  }
  std::vector<std::string> expected;
  for (const FindingKind& kind : finding_kinds()) {
    expected.push_back(
        fmt::format("| `{}` | {} | {} |", kind.id, to_string(kind.severity), kind.meaning));
  }
  EXPECT_EQ(rows, expected);
}

// Returns the place of a record in a small image's only file table, in region 0.
std::uint64_t record_offset(const std::filesystem::path& image, FileId id) {
  const ImageReader reader(image);
  const format::FileTable& table = reader.file_tables().at((id - 1) / format::kFilesPerTable);
  return table.records.byte_offset() + std::uint64_t{id - 1} % format::kFilesPerTable * 96;
}

TEST(Check, WarnsOfDirectoriesThatShareTheirNames) {
  const test::TemporaryDirectory directory;
  const auto image = directory.path() / "sample.cim";
  {
    ImageWriter writer(image, test::sample_options());
    writer.add(path("a"), test::directory_metadata());
    writer.add(path("b"), test::directory_metadata());
    put(writer, "a/file", as_bytes("x"));
    writer.commit();
  }
  const Image opened(image);
  const auto region = directory.path() / region_file_name(test::kSampleGuid, 0);
  Bytes bytes = read_whole_file(region, 1U << 24);
  const auto record = [&](std::string_view text) {
    const auto offset = record_offset(image, opened.find(path(text)).value());
    return bytes.begin() + static_cast<std::ptrdiff_t>(offset);
  };
  std::copy_n(record("a") + 40, 16, record("b") + 40);
  // Either directory may then be the file's parent.
  record("a/file")[88] = std::byte{static_cast<std::uint8_t>(opened.find(path("b")).value())};
  std::ofstream(region, std::ios::binary)
      .write(as_text(bytes).data(), static_cast<std::streamsize>(bytes.size()));
  const CheckReport report = check(image);
  EXPECT_EQ(report.faults, 0U) << text_of(report);
  EXPECT_THAT(text_of(report), testing::HasSubstr("[directory-shared]"));
  test::read_strictly(image);
}

TEST(Check, StopsReadingOverlappingMetadata) {
  constexpr unsigned kFiles = 60;
  const test::TemporaryDirectory directory;
  const auto image = directory.path() / "sample.cim";
  {
    ImageWriter writer(image, test::sample_options());
    for (unsigned i = 0; i < kFiles; ++i) {
      writer.add(path("f" + std::to_string(i)), {});
    }
    writer.commit();
  }
  const auto region = directory.path() / region_file_name(test::kSampleGuid, 0);
  Bytes bytes = read_whole_file(region, 1U << 24);
  // All files have 65,535 bytes of extended attributes, each starting eight bytes further in the
  // same table.
  for (unsigned i = 0; i < kFiles; ++i) {
    const std::uint64_t record = record_offset(image, 2 + i);
    bytes.at(record + 2) = bytes.at(record + 3) = std::byte{0xFF};
    const Le64 offset(std::uint64_t{64} + 8 * i);
    std::memcpy(&bytes.at(record + 64), &offset, sizeof offset);
  }
  std::ofstream(region, std::ios::binary)
      .write(as_text(bytes).data(), static_cast<std::streamsize>(bytes.size()));
  EXPECT_THAT(text_of(check(image)), testing::HasSubstr("so some of it overlaps"));
}

TEST(Check, FindsAPathThatIsTooLong) {
  constexpr unsigned kDepth = 70;  // twice this many names of 255 units are too many
  const test::TemporaryDirectory directory;
  const auto image = directory.path() / "sample.cim";
  ImagePath left = path("left");
  ImagePath right = path("right");
  {
    ImageWriter writer(image, test::sample_options());
    for (ImagePath* const side : {&left, &right}) {
      writer.add(*side, test::directory_metadata());
      for (unsigned i = 0; i < kDepth; ++i) {
        *side = std::move(*side).child(std::u16string(250, u'n'));
        writer.add(*side, test::directory_metadata());
      }
    }
    writer.commit();
  }
  // The last directory on the left gets the names of "right".
  const Image opened(image);
  const auto region = directory.path() / region_file_name(test::kSampleGuid, 0);
  Bytes bytes = read_whole_file(region, 1U << 24);
  const auto from = record_offset(image, opened.find(path("right")).value()) + 40;
  const auto to = record_offset(image, opened.find(left).value()) + 40;
  std::copy_n(bytes.begin() + static_cast<std::ptrdiff_t>(from), 16,
              bytes.begin() + static_cast<std::ptrdiff_t>(to));
  // "right" loses its names, so that nothing else is wrong.
  std::fill_n(bytes.begin() + static_cast<std::ptrdiff_t>(from), 14, std::byte{0});
  std::ofstream(region, std::ios::binary)
      .write(as_text(bytes).data(), static_cast<std::streamsize>(bytes.size()));
  EXPECT_THAT(text_of(check(image)), testing::HasSubstr("a path of more than 32767 UTF-16 units"));
}

}  // namespace
}  // namespace cim
