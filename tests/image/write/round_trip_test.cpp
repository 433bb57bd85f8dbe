// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
// A reader returns what a writer was given.

#include <limits>
#include <map>
#include <set>
#include <thread>

#include <gtest/gtest.h>

#include "cimlib/image.h"
#include "cimlib/image_summary.h"

#include "base/utf16.h"
#include "expect_error.h"
#include "hex.h"
#include "image/sample_image.h"
#include "temporary_directory.h"

namespace cim {
namespace {

using test::expect_error;
using test::path;
using test::pattern;

Bytes read_all(const Stream& stream) {
  Bytes bytes(static_cast<std::size_t>(stream.size()));
  EXPECT_EQ(stream.read(0, bytes), bytes.size());
  return bytes;
}

class SampleImage : public testing::Test {
 protected:
  SampleImage() { test::write_sample_image(file_); }

  FileId id(std::string_view text) const {
    const auto found = image_->find(path(text));
    EXPECT_TRUE(found) << text;
    return found.value_or(0);
  }
  void SetUp() override { image_.emplace(file_); }

  test::TemporaryDirectory directory_;
  std::filesystem::path file_ = directory_.path() / "sample.cim";
  std::optional<Image> image_;
};

TEST_F(SampleImage, IsVersionTwoWithOneSetOfThreeRegions) {
  EXPECT_EQ(image_->version_major(), 2U);
  EXPECT_EQ(image_->version_minor(), 0U);
  ASSERT_EQ(image_->region_sets().size(), 1U);
  EXPECT_EQ(image_->region_sets()[0].region_count, 3);
  EXPECT_TRUE(image_->region_sets()[0].is_own);
  EXPECT_EQ(image_->regions()[1].type, RegionType::kPageAlignedData);
  EXPECT_EQ(image_->regions()[1].size % 4096, 0U);
}

TEST_F(SampleImage, ReturnsEveryKindOfData) {
  EXPECT_EQ(as_text(read_all(image_->open(id("Files/small.txt")))), "small");
  EXPECT_EQ(read_all(image_->open(id("Files/page.bin"))), pattern(5000));
  EXPECT_EQ(read_all(image_->open(id("Files/zeros.bin"))), Bytes(10000));
  EXPECT_EQ(read_all(image_->open(id("Files/nothing"))), Bytes());
  EXPECT_EQ(image_->info(id("Files/zeros.bin")).storage, Storage::kSparse);
}

TEST_F(SampleImage, StoresAnExecutableExpandedAndReadsItBack) {
  const Bytes expected = test::SamplePe{.file_size = 0x1900}.bytes();
  const Stream stream = image_->open(id("Files/program.exe"));
  EXPECT_EQ(stream.storage(), Storage::kPeImage);
  EXPECT_EQ(read_all(stream), expected);
  EXPECT_EQ(stream.extents().size(), 4U);
  for (std::size_t offset = 0; offset < expected.size(); offset += 777) {
    Bytes part(1000);
    part.resize(stream.read(offset, part));
    EXPECT_TRUE(std::equal(part.begin(), part.end(),
                           expected.begin() + static_cast<std::ptrdiff_t>(offset)));
  }
}

TEST(ReadPattern, ChangesNoBytes) {
  const test::TemporaryDirectory directory;
  const auto file = directory.path() / "a.cim";
  const std::size_t sizes[] = {100, 100'000, 1'000'000};
  ImageWriter writer(file);
  for (const std::size_t size : sizes) {
    writer.add(path(std::to_string(size)), {.attributes = attribute::kNormal}, size);
    writer.write(pattern(size));
  }
  writer.commit();
  const Image image(file, ReadPattern::kAnywhere);
  for (const std::size_t size : sizes) {
    const auto id = image.find(path(std::to_string(size)));
    ASSERT_TRUE(id);
    const Stream stream = image.open(*id);
    stream.start_reading(50, std::numeric_limits<std::uint64_t>::max() - 50);
    stream.start_reading(size + 1, 1);
    EXPECT_EQ(read_all(stream), pattern(size));
  }
}

TEST_F(SampleImage, StoresEqualDataOnce) {
  const auto one = image_->open(id("Files/page.bin")).extents();
  const auto other = image_->open(id("Files/again.bin")).extents();
  EXPECT_EQ(one[0].region_offset, other[0].region_offset);
}

TEST_F(SampleImage, KeepsMetadata) {
  const FileInfo info = image_->info(id("Files/small.txt"));
  EXPECT_EQ(info.attributes, attribute::kReadOnly | attribute::kHidden);
  EXPECT_EQ(info.times, (FileTimes{{1}, {2}, {3}, {4}}));
  EXPECT_EQ(info.parent, id("Files"));
  EXPECT_EQ(info.size, 5U);
  EXPECT_EQ(image_->info(image_->root()).parent, image_->root());
  EXPECT_EQ(image_->security_descriptor(info.id),
            test::from_hex("01000480 00000000 00000000 00000000 00000000"));
  EXPECT_EQ(image_->extended_attributes(id("Files/eas")).size(), 16U);
  EXPECT_EQ(image_->info(id("Files/eas")).ea_size, 16U);
  const FileInfo link = image_->info(id("Files/symlink"));
  EXPECT_TRUE(link.is_reparse_point());
  EXPECT_EQ(link.reparse_tag, 0xA000000CU);
  EXPECT_EQ(image_->reparse_data(link.id).size(), 32U);
}

TEST_F(SampleImage, KeepsStreams) {
  const FileId file = id("Files/link.txt");
  const auto streams = image_->streams(file);
  ASSERT_EQ(streams.size(), 2U);
  EXPECT_EQ(streams[0].name, u"big");
  EXPECT_EQ(streams[1].name, u"Zone.Identifier");
  EXPECT_EQ(as_text(read_all(*image_->open_stream(file, u"zone.identifier"))), "[Z]");
  EXPECT_EQ(read_all(*image_->open_stream(file, u"big")), pattern(4096, 1));
  EXPECT_FALSE(image_->open_stream(file, u"none"));
  EXPECT_FALSE(image_->open_stream(id("Files/page.bin"), u"big"));
}

TEST_F(SampleImage, FindsExistingNamesIgnoringCase) {
  EXPECT_EQ(id("FILES/LINK.txt"), id("files\\small.TXT"));
  EXPECT_FALSE(image_->find(path("Files/none")));
  EXPECT_FALSE(image_->find(path("Files/small.txt/x")));
  expect_error(ErrorCode::kInvalidArgument, "is a directory", [&] { image_->open(id("Files")); });
  expect_error(ErrorCode::kInvalidArgument, "is not a directory",
               [&] { image_->list(id("Files/eas")); });
  expect_error(ErrorCode::kCorrupt, "file 0 does not exist", [&] { image_->info(0); });
  expect_error(ErrorCode::kCorrupt, "file 1000 does not exist", [&] { image_->info(1000); });
}

TEST_F(SampleImage, WalksParentsBeforeChildrenInTheOrderOfTheFormat) {
  std::vector<std::string> seen;
  image_->walk({}, [&seen](const WalkEntry& entry) {
    seen.push_back(entry.path.to_string());
    return true;
  });
  const std::vector<std::string> expected = {"\\",
                                             "\\Files",
                                             "\\Files\\again.bin",
                                             "\\Files\\eas",
                                             "\\Files\\empty",
                                             "\\Files\\link.txt",
                                             "\\Files\\nothing",
                                             "\\Files\\page.bin",
                                             "\\Files\\program.exe",
                                             "\\Files\\small.txt",
                                             "\\Files\\symlink",
                                             "\\Files\\zeros.bin"};
  EXPECT_EQ(seen, expected);
  seen.clear();
  image_->walk(path("Files/eas"), [&seen](const WalkEntry& entry) {
    seen.push_back(entry.path.to_string());
    return true;
  });
  EXPECT_EQ(seen.size(), 1U);
}

TEST_F(SampleImage, IsSummarized) {
  const ImageSummary summary = summarize(*image_);
  EXPECT_EQ(summary.directories, 3U);
  EXPECT_EQ(summary.files, 8U);
  EXPECT_EQ(summary.hard_links, 1U);
  EXPECT_EQ(summary.streams, 2U);
  EXPECT_EQ(summary.reparse_points, 1U);
  EXPECT_EQ(summary.deduplicated_bytes, 5000U);
  EXPECT_EQ(summary.sparse_bytes, 10000U);
  EXPECT_EQ(summary.data_bytes, 5U + 5000 + 5000 + 0x1900 + 10000 + 1 + 3 + 4096);
  EXPECT_EQ(summary.region_bytes, summary.own_region_bytes);
  EXPECT_EQ(summary.expanded_executables, 1U);
  EXPECT_TRUE(summary.plain_executables.empty());
}

TEST_F(SampleImage, MayBeReadFromManyThreads) {
  std::vector<std::jthread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([this] {
      for (int round = 0; round < 50; ++round) {
        EXPECT_EQ(read_all(image_->open(*image_->find(path("files/page.bin")))), pattern(5000));
        EXPECT_EQ(image_->list(*image_->find(path("files"))).size(), 10U);
      }
    });
  }
}

TEST(RoundTrip, OfManyFilesInManyDirectories) {
  const test::TemporaryDirectory directory;
  {
    ImageWriter writer(directory.path() / "x.cim", test::sample_options());
    for (int d = 0; d < 5; ++d) {
      const std::string name = "dir" + std::to_string(d);
      writer.add(path(name), test::directory_metadata());
      for (unsigned f = 0; f < 700; ++f) {
        test::put(writer, name + "/f" + std::to_string(f * 7919 % 700), pattern(f % 50, f));
      }
    }
    EXPECT_EQ(writer.commit().files, 1U + 5 + 3500);
  }
  const Image image(directory.path() / "x.cim");
  std::size_t count = 0;
  image.walk({}, [&](const WalkEntry& entry) {
    EXPECT_EQ(image.find(entry.path), entry.info.id);
    ++count;
    return true;
  });
  EXPECT_EQ(count, 3506U);
  EXPECT_EQ(read_all(image.open(*image.find(path("DIR3/f0")))), pattern(0));
}

TEST(RoundTrip, OfUnusualButValidNames) {
  const test::TemporaryDirectory directory;
  const std::vector<std::u16string> names = {u" ",
                                             u"...",
                                             u"a.",
                                             u"\u00df",
                                             u"SS",
                                             u"\u0130",
                                             u"i",
                                             u"\U0001F600",
                                             {char16_t{0xD800}},
                                             {char16_t{0xDC00}, char16_t{0xD800}},
                                             std::u16string(255, u'x'),
                                             u"\xFFFF"};
  {
    ImageWriter writer(directory.path() / "x.cim");
    for (const auto& name : names) {
      writer.add(ImagePath().child(name), {}, 0);
    }
    writer.commit();
  }
  const Image image(directory.path() / "x.cim");
  std::set<std::u16string> found;
  for (const auto& entry : image.list(image.root())) {
    found.insert(entry.name);
  }
  EXPECT_EQ(found, std::set<std::u16string>(names.begin(), names.end()));
}

TEST(RoundTrip, SizesAroundEveryBoundary) {
  const test::TemporaryDirectory directory;
  const std::vector<std::size_t> sizes = {1,      7,       8,       9,       4095,   4096,
                                          4097,   16383,   16384,   16385,   131071, 131072,
                                          131073, 1048575, 1048576, 1048577, 3000000};
  {
    ImageWriter writer(directory.path() / "x.cim");
    for (const std::size_t size : sizes) {
      const Bytes bytes = pattern(size, static_cast<unsigned>(size));
      writer.add(path(std::to_string(size)), {}, size);
      for (std::size_t at = 0; at < size; at += 70001) {
        writer.write(ByteView(bytes).subspan(at, std::min<std::size_t>(70001, size - at)));
      }
    }
    writer.commit();
  }
  const Image image(directory.path() / "x.cim");
  for (const std::size_t size : sizes) {
    EXPECT_EQ(read_all(image.open(*image.find(path(std::to_string(size))))),
              pattern(size, static_cast<unsigned>(size)))
        << size;
  }
}

}  // namespace
}  // namespace cim
