// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
// False claims in an image cost nothing: work and memory are in proportion to what it holds.

#include <string>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "cimlib/image.h"
#include "cimlib/image_summary.h"

#include "expect_error.h"
#include "image/crafted_image.h"
#include "image/read/image_reader.h"
#include "temporary_directory.h"

namespace cim {
namespace {

using format::LinkTableBuilder;
using test::CraftedImage;
using test::expect_error;

std::u16string numbered(char16_t letter, std::size_t number) {
  std::u16string name(1, letter);
  for (const char digit : fmt::format("{:06}", number)) {
    name += static_cast<char16_t>(digit);
  }
  return name;
}

class Budget : public testing::Test {
 protected:
  // Writes a root with `count` directories, ids from 2 on, whose records are alike.
  template <typename MakeRecord>
  void write_alike(std::uint32_t count, const MakeRecord& make_record) {
    CraftedImage crafted;
    LinkTableBuilder names;
    for (std::uint32_t i = 0; i < count; ++i) {
      names.add(numbered(u'D', i), 2 + i);
    }
    crafted.add(crafted.directory(names));
    const format::FileRecord record = make_record(crafted);
    for (std::uint32_t i = 0; i < count; ++i) {
      crafted.add(record);
    }
    crafted.write(image_);
  }

  // Writes `directories` directories that share one table of `files` names.
  void write_product(std::uint32_t directories, std::uint32_t files) {
    CraftedImage crafted;
    LinkTableBuilder names;
    for (std::uint32_t i = 0; i < directories; ++i) {
      names.add(numbered(u'D', i), 2 + i);
    }
    crafted.add(crafted.directory(names));
    LinkTableBuilder shared;
    for (std::uint32_t i = 0; i < files; ++i) {
      shared.add(numbered(u'F', i), 2 + directories + i);
    }
    const auto record = crafted.directory(shared);
    for (std::uint32_t i = 0; i < directories; ++i) {
      crafted.add(record);
    }
    const auto file = crafted.file(as_bytes("x"));
    for (std::uint32_t i = 0; i < files; ++i) {
      crafted.add(file);
    }
    crafted.write(image_);
  }

  std::size_t walk() const {
    std::size_t names = 0;
    Image(image_).walk({}, [&names](const WalkEntry&) { return ++names != 0; });
    return names;
  }

  test::TemporaryDirectory directory_;
  std::filesystem::path image_ = directory_.path() / "crafted.cim";
};

TEST_F(Budget, AllowsAFewDirectoriesToShareATable) {
  write_product(10, 100);
  EXPECT_EQ(walk(), 1U + 10 + 10 * 100);
}

TEST_F(Budget, EndsAWalkOfManySharedTables) {
  write_product(2000, 2000);
  std::size_t names = 0;
  expect_error(ErrorCode::kLimit, "share tables", [&] {
    Image(image_).walk({}, [&names](const WalkEntry&) { return ++names != 0; });
  });
  EXPECT_LT(names, 200'000U);
  expect_error(ErrorCode::kLimit, "share tables", [&] { summarize(Image(image_)); });
}

TEST_F(Budget, ReadsADirectoryByTheLengthOfItsTable) {
  constexpr std::uint64_t kClaimed = std::uint64_t{400} << 20;
  write_alike(1000, [](CraftedImage& crafted) {
    crafted.claim_metadata(kClaimed + (1 << 20));
    return crafted.directory(crafted.put(LinkTableBuilder().finish()), kClaimed);
  });
  EXPECT_EQ(walk(), 1001U);
}

TEST_F(Budget, RefusesATableLargerThanAllMetadata) {
  constexpr std::uint32_t kClaimed = 400U << 20;
  write_alike(1, [](CraftedImage& crafted) {
    crafted.claim_metadata(std::uint64_t{kClaimed} + (1 << 20));
    Bytes table;
    append(table, Le32(kClaimed));
    append(table, Le32(0));
    return crafted.directory(crafted.put(table), kClaimed);
  });
  expect_error(ErrorCode::kCorrupt, "more than all metadata", [this] { walk(); });
}

TEST_F(Budget, RefusesFileTablesLargerThanAllMetadata) {
  CraftedImage crafted;
  crafted.add(crafted.directory(LinkTableBuilder()));
  crafted.claim_metadata(std::uint64_t{100} << 20);
  for (int i = 0; i < 10; ++i) {
    crafted.add_table({format::RegionOffset(0, 4096), format::kFilesPerTable, 65535});
  }
  crafted.write(image_);
  expect_error(ErrorCode::kCorrupt, "more than all metadata", [this] { Image image(image_); });
}

TEST_F(Budget, RefusesBillionsOfIdsWithoutFiles) {
  CraftedImage crafted;
  crafted.add(crafted.directory(LinkTableBuilder()));
  for (int i = 0; i < 2000; ++i) {
    crafted.add_table({format::RegionOffset(0, 64), 0, 0});
  }
  crafted.write(image_);
  expect_error(ErrorCode::kLimit, "file ids", [this] { Image image(image_); });
}

TEST_F(Budget, CountsEmptyTablesInACache) {
  const format::LinkTable table(format::LinkTable::Values::kFileIds);
  EXPECT_GT(table.memory_size(), sizeof table);
}

TEST_F(Budget, AWalkContinuesAfterUnreadableEntries) {
  CraftedImage crafted;
  LinkTableBuilder names;
  names.add(u"A", 2);
  names.add(u"B", 3);
  names.add(u"C", 4);
  names.add(u"D", 99);
  crafted.add(crafted.directory(names));
  crafted.add(crafted.directory(format::RegionOffset(7, 40), 100));
  crafted.add(crafted.file(as_bytes("x")));
  crafted.add(crafted.directory(LinkTableBuilder()));
  crafted.write(image_);
  std::vector<std::string> seen;
  std::vector<std::string> failed;
  const Image image(image_);
  image.walk({},
             [&](const WalkEntry& entry) {
               seen.push_back(entry.path.to_string());
               return true;
             },
             {.failure = [&](const ImagePath& path, const Error&) {
               failed.push_back(path.to_string());
             }});
  EXPECT_EQ(seen, (std::vector<std::string>{"\\", "\\A", "\\B", "\\C"}));
  EXPECT_EQ(failed, (std::vector<std::string>{"\\A", "\\D"}));
}

TEST_F(Budget, OpensAllStreamsOfAFileFromOneList) {
  CraftedImage crafted;
  LinkTableBuilder names;
  names.add(u"A", 2);
  crafted.add(crafted.directory(names));
  auto file = crafted.file(as_bytes("x"));
  LinkTableBuilder streams;
  constexpr std::uint32_t kStreams = 3000;
  for (std::uint32_t i = 0; i < kStreams; ++i) {
    streams.add(numbered(u'S', i), format::Stream{crafted.put(as_bytes("y"), 2), 1});
  }
  file.streams = crafted.put(streams.finish());
  crafted.add(file);
  crafted.write(image_);
  const Image image(image_);
  const StreamList list = image.stream_list(2);
  ASSERT_EQ(list.size(), kStreams);
  for (std::uint32_t i = 0; i < kStreams; ++i) {
    Bytes byte(1);
    EXPECT_EQ(list.info(i).name, numbered(u'S', i));
    EXPECT_EQ(list.open(i).read(0, byte), 1U);
  }
  EXPECT_EQ(summarize(image).streams, kStreams);
}

TEST_F(Budget, AWalkCanBeStopped) {
  write_product(2, 2);
  std::stop_source source;
  source.request_stop();
  expect_error(ErrorCode::kCancelled, "stopped", [&] {
    Image(image_).walk({}, [](const WalkEntry&) { return true; }, {.stop = source.get_token()});
  });
}

}  // namespace
}  // namespace cim
