// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
// Images whose region files are elsewhere, missing or changed.
#include <algorithm>
#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>

#include "cimlib/check.h"
#include "cimlib/extract.h"
#include "cimlib/find.h"
#include "cimlib/gc.h"
#include "cimlib/image.h"

#include "expect_error.h"
#include "image/read/image_reader.h"
#include "image/read/region_files.h"
#include "image/sample_image.h"
#include "os/file.h"
#include "temporary_directory.h"

namespace cim {
namespace {

namespace fs = std::filesystem;
using test::path;
using test::put;

std::string upper(std::string text) {
  for (char& c : text) {
    c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  }
  return text;
}

class DamagedRegions : public testing::Test {
 protected:
  DamagedRegions() { test::write_sample_image(image_); }

  static std::string name(unsigned index) { return region_file_name(test::kSampleGuid, index); }
  fs::path region(unsigned index) const { return directory_.path() / name(index); }

  void flip(unsigned index, std::uint64_t offset) const {
    Bytes bytes = read_whole_file(region(index), 1U << 24);
    bytes.at(static_cast<std::size_t>(offset)) ^= std::byte{1};
    std::ofstream(region(index), std::ios::binary | std::ios::trunc) << as_text(bytes);
  }

  static std::uint64_t place_of(const Image& image, std::string_view file) {
    return image.open(path(file)).extents().front().region_offset;
  }

  std::vector<std::string> unreadable(const FindOptions& options) const {
    FindOptions how = options;
    std::vector<std::string> paths;
    how.failure = [&](const std::string& at, const Error&) { paths.push_back(at); };
    find(Image(image_), how, [](const FoundEntry&) { return true; });
    return paths;
  }

  test::TemporaryDirectory directory_;
  fs::path image_ = directory_.path() / "sample.cim";
  fs::path elsewhere_ = directory_.path() / "elsewhere";
};

TEST_F(DamagedRegions, AreFoundUnderNamesInAnotherCase) {
  for (unsigned i = 0; i < 3; ++i) {
    fs::rename(region(i), directory_.path() / upper(name(i)));
  }
  const Image image(image_);
  EXPECT_EQ(image.open(path("Files/page.bin")).read_all(1U << 20).size(), 5000U);
  EXPECT_EQ(check(image_, {.depth = CheckDepth::kDeep}).faults, 0U);
  for (const ImageFile& file : image_files(image_)) {
    EXPECT_TRUE(file.size) << file.path;
  }
}

TEST_F(DamagedRegions, AreFoundUnderTheirExactNameFirst) {
  std::ofstream(directory_.path() / upper(name(1))) << "another file";
  const Image image(image_);
  EXPECT_TRUE(image.regions()[1].is_usable);
}

TEST_F(DamagedRegions, AreFoundInOtherDirectories) {
  fs::create_directory(elsewhere_);
  fs::rename(region(0), elsewhere_ / name(0));
  fs::rename(region(1), elsewhere_ / upper(name(1)));
  EXPECT_THROW(Image{image_}, Error);
  const std::vector<fs::path> directories = {directory_.path() / "missing", elsewhere_};
  const Image image(image_, {.region_directories = directories});
  EXPECT_EQ(image.open(path("Files/page.bin")).read_all(1U << 20).size(), 5000U);
  const CheckReport report =
      check(image_, {.depth = CheckDepth::kDeep, .region_directories = directories});
  EXPECT_EQ(report.faults, 0U);
}

TEST_F(DamagedRegions, AreVerifiedOnRequest) {
  flip(1, place_of(Image(image_), "Files/page.bin") + 4999);
  const FindOptions hashes = {.hash = HashAlgorithm::kSha256};
  EXPECT_TRUE(unreadable(hashes).empty());
  FindOptions verified = hashes;
  verified.verifies = true;
  EXPECT_EQ(unreadable(verified),
            (std::vector<std::string>{"\\Files\\again.bin", "\\Files\\page.bin"}));
  const ExtractSummary summary =
      extract(Image(image_), {}, directory_.path() / "out", {.verifies = true});
  EXPECT_EQ(summary.skipped, 2U);
}

TEST_F(DamagedRegions, AreNotVerifiedWithoutObjectIds) {
  flip(1, place_of(Image(image_), "Files/page.bin"));
  for (unsigned i = 0; i < 3; ++i) {
    fs::remove(directory_.path() / object_id_file_name(test::kSampleGuid, i));
  }
  EXPECT_TRUE(unreadable({.hash = HashAlgorithm::kSha256, .verifies = true}).empty());
}

TEST_F(DamagedRegions, PaddingOfExecutablesIsNoPartOfTheirContents) {
  const Image image(image_);
  const auto extents = image.open(path("Files/program.exe")).extents();
  ASSERT_GT(extents.size(), 1U);
  flip(1, extents[0].region_offset + extents[0].size);
  EXPECT_TRUE(unreadable({.hash = HashAlgorithm::kSha256, .verifies = true}).empty());
  flip(1, extents[1].region_offset);
  EXPECT_EQ(unreadable({.hash = HashAlgorithm::kSha256, .verifies = true}),
            std::vector<std::string>{"\\Files\\program.exe"});
}

TEST_F(DamagedRegions, OfAnAncestorTakeOnlyWhatIsInThem) {
  const fs::path fork = directory_.path() / "fork.cim";
  {
    ImageWriter writer(fork, {.base = image_});
    put(writer, "new", as_bytes("new"));
    writer.commit();
  }
  for (unsigned i = 0; i < 3; ++i) {
    fs::remove(region(i));
  }
  const Image image(fork);
  EXPECT_EQ(image.open(path("NEW")).read_all(10),
            Bytes({std::byte{'n'}, std::byte{'e'}, std::byte{'w'}}));
  EXPECT_THROW(image.open(path("Files/page.bin")), Error);
}

TEST_F(DamagedRegions, BlankRecordsAreNoEmptyFiles) {
  const Image intact(image_);
  const FileId id = intact.find(path("Files/small.txt")).value();
  const auto& table = reader_of(intact).file_tables().at(0);
  Bytes bytes = read_whole_file(region(0), 1U << 24);
  const auto start = static_cast<std::ptrdiff_t>(table.records.byte_offset() +
                                                 std::uint64_t{id - 1} * table.record_size);
  std::fill_n(bytes.begin() + start, table.record_size, std::byte());
  std::ofstream(region(0), std::ios::binary | std::ios::trunc) << as_text(bytes);
  test::expect_error(ErrorCode::kCorrupt, "consists of zeros",
                     [&] { static_cast<void>(Image(image_).info(id)); });
}

}  // namespace
}  // namespace cim
