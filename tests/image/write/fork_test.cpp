// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
// Images that are based on others.

#include <array>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "cimlib/check.h"
#include "cimlib/image.h"
#include "cimlib/image_writer.h"

#include "expect_error.h"
#include "format/header.h"
#include "image/read/region_files.h"
#include "image/sample_image.h"
#include "os/file.h"
#include "temporary_directory.h"

namespace cim {
namespace {

using test::directory_metadata;
using test::expect_error;
using test::path;
using test::pattern;
using test::put;

const Guid kOtherGuid = *Guid::parse("33333333-0000-4000-8000-000000000003");

class Fork : public testing::Test {
 protected:
  Fork() { test::write_sample_image(base_); }

  static std::string text_of(const std::filesystem::path& file, std::string_view text) {
    return text_of(Image(file), text);
  }
  static std::string text_of(const Image& image, std::string_view text) {
    const auto id = image.find(path(text));
    if (!id) {
      return "(not there)";
    }
    const Stream stream = image.open(*id);
    return std::string(as_text(stream.read_all(1 << 24)));
  }
  ImageWriter start() { return ImageWriter(fork_, {.base = base_}); }
  FileInfo info(std::string_view text) const {
    const Image image(fork_);
    return image.info(image.find(path(text)).value());
  }

  test::TemporaryDirectory directory_;
  std::filesystem::path base_ = directory_.path() / "base.cim";
  std::filesystem::path fork_ = directory_.path() / "fork.cim";
};

TEST_F(Fork, ContainsItsBaseAndItsChanges) {
  ImageWriter writer = start();
  put(writer, "Files/small.txt", as_bytes("changed"));
  put(writer, "Files/new.txt", as_bytes("new"));
  EXPECT_EQ(writer.commit().files, 2U);
  EXPECT_EQ(text_of(fork_, "Files/small.txt"), "changed");
  EXPECT_EQ(text_of(fork_, "Files/link.txt"), "small");
  EXPECT_EQ(text_of(fork_, "Files/new.txt"), "new");
  EXPECT_EQ(text_of(fork_, "Files/page.bin"), as_text(pattern(5000)));
  EXPECT_EQ(text_of(base_, "Files/small.txt"), "small");
  EXPECT_EQ(text_of(base_, "Files/new.txt"), "(not there)");
  const Image image(fork_);
  ASSERT_EQ(image.region_sets().size(), 2U);
  EXPECT_EQ(image.region_sets()[0].guid, test::kSampleGuid);
  EXPECT_FALSE(image.region_sets()[0].is_own);
}

TEST_F(Fork, WithoutChangesEqualsItsBase) {
  start().commit();
  const Image image(fork_);
  const Image base(base_);
  image.walk({}, [&](const WalkEntry& entry) {
    EXPECT_EQ(base.find(entry.path), entry.info.id);
    return true;
  });
  EXPECT_LT(image.regions().back().size + image.regions()[3].size, 400U);
}

TEST_F(Fork, StoresNoDataOfItsAncestors) {
  ImageWriter writer = start();
  put(writer, "Files/copy.bin", pattern(5000));
  put(writer, "Files/copy.txt", as_bytes("small"));
  EXPECT_EQ(writer.commit().deduplicated_bytes, 5000U + 5);
  EXPECT_EQ(text_of(fork_, "Files/copy.bin"), as_text(pattern(5000)));
  EXPECT_EQ(text_of(fork_, "Files/copy.txt"), "small");
}

TEST_F(Fork, WorksWithoutTheObjectIdsOfItsBase) {
  for (unsigned i = 0; i < 3; ++i) {
    std::filesystem::remove(directory_.path() / object_id_file_name(test::kSampleGuid, i));
  }
  ImageWriter writer = start();
  put(writer, "Files/copy.bin", pattern(5000));
  writer.commit();
  EXPECT_EQ(text_of(fork_, "Files/copy.bin"), as_text(pattern(5000)));
}

TEST_F(Fork, RemovesFilesAndTreesOfItsBase) {
  ImageWriter writer = start();
  writer.remove(path("Files/page.bin"));
  EXPECT_TRUE(writer.remove(path("FILES/EMPTY")));
  EXPECT_FALSE(writer.remove(path("Files/empty")));
  writer.commit();
  EXPECT_EQ(text_of(fork_, "Files/page.bin"), "(not there)");
  EXPECT_EQ(text_of(fork_, "Files/again.bin"), as_text(pattern(5000)));
  EXPECT_EQ(text_of(base_, "Files/page.bin"), as_text(pattern(5000)));
}

TEST_F(Fork, RemovesAModifiedTree) {
  {
    ImageWriter writer(base_, {.base = base_});
    writer.add(path("a"), directory_metadata());
    writer.add(path("a/b"), directory_metadata());
    writer.add(path("a/b/c"), directory_metadata());
    put(writer, "a/b/c/file", as_bytes("x"));
    writer.add_link(path("kept"), path("a/b/c/file"));
    writer.commit();
  }
  ImageWriter writer = start();
  put(writer, "a/b/c/new", as_bytes("y"));
  writer.add(path("a/b/c/d"), directory_metadata());
  writer.add_link(path("also"), path("a/b/c/new"));
  writer.remove(path("a"));
  EXPECT_EQ(writer.commit().files, 1U);  // "also"
  EXPECT_EQ(text_of(fork_, "kept"), "x");
  EXPECT_EQ(text_of(fork_, "also"), "y");
  EXPECT_EQ(text_of(fork_, "a/b/c/file"), "(not there)");
  EXPECT_EQ(info("kept").parent, Image(fork_).root());
  EXPECT_EQ(info("also").parent, Image(fork_).root());
}

TEST_F(Fork, FixesTheParentOfAFileThatLosesItsFirstName) {
  {
    ImageWriter writer(base_, {.base = base_});
    writer.add(path("other"), directory_metadata());
    writer.add_link(path("other/name"), path("Files/eas"));
    writer.commit();
  }
  ImageWriter writer = start();
  writer.remove(path("Files/eas"));
  writer.commit();
  EXPECT_EQ(info("other/name").parent, info("other").id);
}

TEST_F(Fork, ChangesTheMetadataOfADirectoryAndKeepsItsEntries) {
  ImageWriter writer = start();
  FileMetadata hidden = directory_metadata();
  hidden.attributes |= attribute::kHidden;
  writer.add(path("Files"), hidden);
  writer.add({}, hidden);
  writer.commit();
  EXPECT_EQ(info("Files").attributes, attribute::kHidden | attribute::kDirectory);
  EXPECT_EQ(info("").attributes, attribute::kHidden | attribute::kDirectory);
  EXPECT_EQ(text_of(fork_, "Files/small.txt"), "small");
}

TEST_F(Fork, AddsAStreamToExistingOnes) {
  ImageWriter writer = start();
  writer.add_alternate_stream({path("Files/small.txt"), u"another"}, 1);
  writer.write(as_bytes("x"));
  writer.add_alternate_stream({path("Files/small.txt"), u"BIG"}, 1);
  writer.write(as_bytes("y"));
  writer.commit();
  const Image image(fork_);
  const auto streams = image.streams(info("Files/link.txt").id);
  ASSERT_EQ(streams.size(), 3U);
  EXPECT_EQ(streams[1].name, u"big");
  EXPECT_EQ(streams[1].size, 1U);
}

TEST_F(Fork, LinksToAFileOfItsBase) {
  ImageWriter writer = start();
  writer.add_link(path("third"), path("Files/link.txt"));
  writer.commit();
  EXPECT_EQ(info("third").id, info("Files/small.txt").id);
}

TEST_F(Fork, ReplacesItsBaseAtCommitUnderTheSameName) {
  {
    ImageWriter writer(base_, {.base = base_});
    put(writer, "x", as_bytes("one"));
    EXPECT_EQ(text_of(base_, "x"), "(not there)");
    writer.commit();
  }
  EXPECT_EQ(text_of(base_, "x"), "one");
  EXPECT_EQ(text_of(base_, "Files/small.txt"), "small");
  {
    ImageWriter writer(base_, {.base = base_});
    put(writer, "x", as_bytes("two"));
  }
  EXPECT_EQ(text_of(base_, "x"), "one");
}

TEST_F(Fork, RequiresABaseInTheSameDirectory) {
  const test::TemporaryDirectory elsewhere;
  expect_error(ErrorCode::kInvalidArgument,
               "must be in the directory of the one that it starts from",
               [&] { ImageWriter writer(elsewhere.path() / "x.cim", {.base = base_}); });
  expect_error(ErrorCode::kNotFound, "none.cim",
               [&] { ImageWriter writer(fork_, {.base = directory_.path() / "none.cim"}); });
  EXPECT_TRUE(std::filesystem::is_empty(elsewhere.path()));
}

TEST_F(Fork, ReadsThroughAHundredAncestors) {
  std::filesystem::path last = base_;
  for (int i = 0; i < 100; ++i) {
    const auto next = directory_.path() / (std::to_string(i) + ".cim");
    ImageWriter writer(next, {.base = last});
    put(writer, "Files/" + std::to_string(i), as_bytes(std::to_string(i)));
    put(writer, "counter", as_bytes("at " + std::to_string(i)));
    writer.commit();
    last = next;
  }
  const Image image(last);
  for (int i = 0; i < 100; ++i) {
    EXPECT_EQ(text_of(image, "Files/" + std::to_string(i)), std::to_string(i));
  }
  EXPECT_EQ(text_of(image, "counter"), "at 99");
  EXPECT_EQ(text_of(image, "Files/small.txt"), "small");
}

TEST_F(Fork, FillsTheLastTableAndContinuesInTheNext) {
  {
    ImageWriter writer = start();
    for (int i = 0; i < 3000; ++i) {
      put(writer, "f" + std::to_string(i), as_bytes(std::to_string(i)));
    }
    writer.commit();
  }
  EXPECT_EQ(text_of(fork_, "f2999"), "2999");
  EXPECT_EQ(text_of(fork_, "Files/small.txt"), "small");
  const auto second = directory_.path() / "second.cim";
  ImageWriter writer(second, {.base = fork_});
  put(writer, "f5", as_bytes("five"));
  const CommitSummary summary = writer.commit();
  EXPECT_EQ(text_of(second, "f5"), "five");
  EXPECT_EQ(text_of(second, "f2998"), "2998");
  EXPECT_LT(summary.stored_bytes, 300000U);  // the names of the root, and one file table
}

TEST_F(Fork, FixesTheParentOfAFileWhoseDirectoryIsRemoved) {
  const auto first = directory_.path() / "first.cim";
  {
    ImageWriter writer(first);
    for (const char* const name : {"a", "a/b", "c", "d"}) {
      writer.add(path(name), directory_metadata());
    }
    put(writer, "a/b/file", as_bytes("text"));
    writer.add_link(path("c/file"), path("a/b/file"));
    writer.add_link(path("d/file"), path("a/b/file"));
    writer.commit();
  }
  ImageWriter writer(fork_, {.base = first});
  writer.remove(path("a"));
  writer.commit();
  EXPECT_EQ(info("c/file").parent, info("c").id);
  const auto next = directory_.path() / "next.cim";
  ImageWriter again(next, {.base = fork_});
  put(again, "c/file", as_bytes("new"));
  again.add_link(path("c/link"), path("d/file"));
  again.remove(path("d"));
  again.commit();
  const Image image(next);
  EXPECT_EQ(image.info(*image.find(path("c/link"))).parent, *image.find(path("c")));
  EXPECT_TRUE(check(next, {.depth = CheckDepth::kDeep}).is_clean());
}

TEST_F(Fork, FixesTheParentOfALinkedFileWhoseDirectoryIsRemoved) {
  ImageWriter writer = start();
  writer.add_link(path("saved"), path("Files/small.txt"));
  writer.remove(path("Files"));
  writer.commit();
  EXPECT_EQ(info("saved").parent, Image(fork_).root());
  EXPECT_TRUE(check(fork_, {.depth = CheckDepth::kDeep}).is_clean());
}

TEST_F(Fork, FixesTheParentOfAFileThatMovesToANewDirectory) {
  ImageWriter writer = start();
  put(writer, "passing", as_bytes("its number goes to the next"));
  writer.add(path("new"), directory_metadata());
  writer.add_link(path("new/saved"), path("Files/small.txt"));
  writer.remove(path("passing"));
  writer.remove(path("Files"));
  writer.commit();
  EXPECT_EQ(info("new/saved").parent, info("new").id);
  EXPECT_TRUE(check(fork_, {.depth = CheckDepth::kDeep}).is_clean());
}

TEST_F(Fork, FixesParentsWithoutBackReferencesOfItsBase) {
  const auto first = directory_.path() / "first.cim";
  {
    ImageWriter writer(first, {.region_set = kOtherGuid});
    for (const char* const name : {"a", "c"}) {
      writer.add(path(name), directory_metadata());
    }
    put(writer, "a/file", as_bytes("text"));
    writer.add_link(path("c/file"), path("a/file"));
    put(writer, "a/other", as_bytes("text"));
    writer.add_link(path("c/other"), path("a/other"));
    writer.commit();
  }
  std::filesystem::remove(directory_.path() / object_id_file_name(kOtherGuid, 0));
  ImageWriter writer(fork_, {.base = first});
  writer.remove(path("a/file"));
  writer.remove(path("a"));
  writer.commit();
  EXPECT_EQ(info("c/file").parent, info("c").id);
  EXPECT_EQ(info("c/other").parent, info("c").id);
}

TEST_F(Fork, RemovesAChangedTreeInAnUnchangedDirectory) {
  const auto first = directory_.path() / "first.cim";
  {
    ImageWriter writer(first);
    for (const char* const name : {"a", "a/b", "a/b/c"}) {
      writer.add(path(name), directory_metadata());
    }
    writer.commit();
  }
  ImageWriter writer(fork_, {.base = first});
  put(writer, "a/b/c/new", as_bytes("text"));
  writer.remove(path("a"));
  writer.add(path("a"), directory_metadata());
  put(writer, "a/b", as_bytes("a file now"));
  EXPECT_EQ(writer.commit().files, 2U);
  EXPECT_EQ(text_of(fork_, "a/b"), "a file now");
  EXPECT_TRUE(check(fork_, {.depth = CheckDepth::kDeep}).is_clean());
}

// Makes the ids of an ancestor claim that each object is the next one of the same length.
void forge_object_ids(const std::filesystem::path& file, RegionType type) {
  Bytes bytes = read_whole_file(file, 1U << 20);
  const auto header = format::decode_object_id_header(bytes, "ids");
  EXPECT_EQ(header.type, static_cast<std::uint8_t>(type));
  EXPECT_GE(header.count, 2U);
  ByteReader reader(ByteView(bytes).subspan(header.table_offset), "ids");
  std::vector<format::ObjectIdEntry> entries;
  for (std::uint32_t i = 0; i < header.count; ++i) {
    entries.push_back(format::decode_object_id_entry(reader));
  }
  bytes.resize(header.table_offset);
  for (std::size_t i = 0; i < entries.size(); ++i) {
    format::ObjectIdEntry forged = entries[i];
    forged.offset = entries[(i + 1) % entries.size()].offset;
    format::append_entry(bytes, forged);
  }
  std::filesystem::remove(file);
  File::create_new(file).write_at(0, bytes);
}

TEST(ForkOfForgedObjectIds, ContainsTheWrittenBytes) {
  const test::TemporaryDirectory directory;
  const auto parent = directory.path() / "parent.cim";
  const auto child = directory.path() / "child.cim";
  constexpr std::array<std::size_t, 2> kSizes = {100, 300'000};
  const auto fill = [&](ImageWriter& writer, const std::string& prefix) {
    for (const std::size_t size : kSizes) {
      for (unsigned seed = 0; seed < 3; ++seed) {
        const std::string security(20 + seed, 's');
        put(writer, fmt::format("{}{}-{}", prefix, size, seed), pattern(size, seed),
            {.security_descriptor = as_bytes(security)});
      }
    }
  };
  {
    ImageWriter base(parent, {.region_set = kOtherGuid});
    fill(base, "old");
    base.commit();
  }
  for (const RegionType type :
       {RegionType::kMetadata, RegionType::kPageAlignedData, RegionType::kSmallData}) {
    forge_object_ids(
        directory.path() / object_id_file_name(kOtherGuid, static_cast<unsigned>(type)), type);
  }
  ImageWriter fork(child, {.base = parent});
  fill(fork, "new");
  fork.commit();
  const Image image(child);
  for (const std::size_t size : kSizes) {
    for (unsigned seed = 0; seed < 3; ++seed) {
      const auto id = image.find(path(fmt::format("new{}-{}", size, seed))).value();
      Bytes bytes(size);
      image.open(id).read(0, bytes);
      EXPECT_TRUE(bytes == pattern(size, seed)) << size << ' ' << seed;
      EXPECT_EQ(as_text(image.security_descriptor(id)), std::string(20 + seed, 's'));
    }
  }
}

TEST(ForkOfLinkedObjectIds, FollowsNoLinks) {
  const test::TemporaryDirectory directory;
  const auto parent = directory.path() / "parent.cim";
  {
    ImageWriter base(parent, {.region_set = kOtherGuid});
    put(base, "file", pattern(300'000));
    base.commit();
  }
  const auto fork_saves = [&](const char* name) {
    ImageWriter fork(directory.path() / name, {.base = parent});
    put(fork, "copy", pattern(300'000));
    return fork.commit().deduplicated_bytes;
  };
  EXPECT_EQ(fork_saves("before.cim"), 300'000U);
  const auto ids = directory.path() / object_id_file_name(kOtherGuid, 1);
  const auto elsewhere = directory.path() / "elsewhere";
  std::filesystem::rename(ids, elsewhere);
  std::error_code no_links_here;
  std::filesystem::create_symlink(elsewhere, ids, no_links_here);
  if (no_links_here) {
    GTEST_SKIP() << no_links_here.message();
  }
  EXPECT_EQ(fork_saves("after.cim"), 0U);
}

}  // namespace
}  // namespace cim
