// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "appx/part_list.h"

#include <algorithm>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cimlib/error.h"

#include "appx/block_map.h"
#include "appx/stored_package.h"

namespace cim::test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

class TextBytes final : public appx::RandomAccess {
 public:
  explicit TextBytes(std::string text) : RandomAccess("zip", text.size()), text_(std::move(text)) {}

  void read_at(std::uint64_t offset, std::span<std::byte> into) const override {
    const auto start = static_cast<std::size_t>(offset);
    std::ranges::copy(as_bytes(std::string_view(text_).substr(start, into.size())), into.begin());
  }

 private:
  std::string text_;
};

std::shared_ptr<const appx::ZipArchive> archive_of(const PackageFiles& files) {
  return std::make_shared<appx::ZipArchive>(std::make_shared<TextBytes>(stored_archive(files)));
}

std::vector<std::string> texts_of(const appx::PartList& parts) {
  std::vector<std::string> texts;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    const appx::Part part = parts.part(i);
    texts.push_back(part.name.text + (part.name.is_directory ? "\\" : ""));
    EXPECT_EQ(part.entry.has_value(), !part.name.is_directory);
    EXPECT_EQ(part.name.text, appx::block_map_name(part.name.path));
  }
  return texts;
}

std::string reason_against(const PackageFiles& files) {
  try {
    const appx::PartList parts(archive_of(files));
    return "";
  } catch (const Error& error) {
    return error.what();
  }
}

TEST(PartList, HasDirectoriesBeforeWhatIsInThem) {
  const appx::PartList parts(
      archive_of({{"a/b/c", "1"}, {"a/b/", ""}, {"a/d%20e/", ""}, {"f", ""}}));
  EXPECT_THAT(texts_of(parts), ElementsAre("a\\", "a\\b\\", "a\\b\\c", "a\\d e\\", "f"));
  EXPECT_EQ(parts.directories(), 3U);
}

// Block maps spell the whole path as the entry does.
TEST(PartList, KeepsTheCaseOfDirectoriesInTheNameOfEachFile) {
  const appx::PartList parts(archive_of({{"Assets/a", "1"}, {"assets/b", "2"}}));
  EXPECT_THAT(texts_of(parts), ElementsAre("Assets\\", "Assets\\a", "assets\\b"));
  EXPECT_TRUE(parts.find("assets\\b"));
  EXPECT_FALSE(parts.find("Assets\\b"));
}

TEST(PartList, FindsFilesOnly) {
  const appx::PartList parts(archive_of({{"a/b%20c", "1"}, {"d", "22"}}));
  EXPECT_EQ(parts.find("a\\b c").value().entry->size, 1U);
  EXPECT_EQ(parts.find("d").value().entry->size, 2U);
  for (const std::string_view name : {"", "a", "a\\", "\\d", "d\\", "d\\e", "a\\B c", "\xFF"}) {
    EXPECT_FALSE(parts.find(name)) << name;
  }
}

TEST(PartList, RefusesNamesThatWindowsTakesForTheSame) {
  EXPECT_THAT(reason_against({{"a/b", ""}, {"a/b", ""}}), HasSubstr("'a\\b' is there twice"));
  EXPECT_THAT(reason_against({{"a/b", ""}, {"A/B", ""}}), HasSubstr("but for the case of letters"));
  EXPECT_THAT(reason_against({{"a", ""}, {"A/b", ""}}), HasSubstr("of a file and of a directory"));
  EXPECT_THAT(reason_against({{"a/b", ""}, {"A", ""}}), HasSubstr("of a file and of a directory"));
  EXPECT_THAT(reason_against({{"a/", ""}, {"a", ""}}), HasSubstr("of a file and of a directory"));
}

// Who keeps a run keeps its buffer, which many short entries would otherwise fill with little.
TEST(ZipArchive, ShortEntriesShareABuffer) {
  PackageFiles files(12, {"", std::string(17000, 'x')});
  for (std::size_t i = 0; i < files.size(); ++i) {
    files[i].first = std::to_string(i);
  }
  const auto archive = archive_of(files);
  std::vector<SharedBytes> runs;
  for (std::uint64_t i = 0; i < files.size(); ++i) {
    archive->read(archive->entry(i), [&](const SharedBytes& run) { runs.push_back(run); });
  }
  ASSERT_EQ(runs.size(), files.size());
  for (const SharedBytes& run : runs) {
    EXPECT_EQ(run.owner, runs.front().owner);
    EXPECT_EQ(as_text(run.bytes), files.front().second);
  }
}

TEST(ZipArchive, RunsAreWholeBlocksExceptForTheLast) {
  std::string large;
  for (std::size_t i = 0; i < 20 * appx::kBlockSize + 5; ++i) {
    large += static_cast<char>(i % 251);
  }
  const auto archive = archive_of({{"small", std::string(1000, 'x')}, {"large", large}});
  std::vector<SharedBytes> runs;
  for (std::uint64_t i = 0; i < 2; ++i) {
    archive->read(archive->entry(i), [&](const SharedBytes& run) { runs.push_back(run); });
  }
  std::string all;
  for (const SharedBytes& run : std::span(runs).subspan(1)) {
    EXPECT_TRUE(run.bytes.size() % appx::kBlockSize == 0 ||
                all.size() + run.bytes.size() == large.size());
    all += as_text(run.bytes);
  }
  EXPECT_EQ(all, large);
}

}  // namespace
}  // namespace cim::test
