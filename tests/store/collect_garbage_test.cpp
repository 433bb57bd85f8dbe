// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include <algorithm>
#include <array>
#include <atomic>
#include <thread>

#include <gmock/gmock.h>

#include "cimlib/error.h"
#include "cimlib/layer.h"

#include "expect_error.h"
#include "os/directory_lock.h"
#include "store_fixture.h"

namespace cim::store {
namespace {

using test::expect_error;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

class CollectGarbage : public test::StoreFixture {
 protected:
  // Everything below the store, with the sizes of files.
  std::vector<std::string> tree() const {
    std::vector<std::string> all;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(store_)) {
      all.push_back(entry.path().string());
    }
    std::ranges::sort(all);
    return all;
  }
  std::filesystem::path import_layer(const std::string& name,
                                     const std::vector<layer::LayerPaths>& parents) const {
    const auto tar = directory_.path() / "tar";
    std::ofstream(tar, std::ios::binary) << tar_of(name);
    layer::import_tar(tar, store_ / name, parents);
    return store_ / name;
  }
};

TEST_F(CollectGarbage, RemovesNothingThatANameNeeds) {
  import("x", {"base", "top"});
  const auto before = tree();
  const CollectReport report = collect_garbage(store_);
  EXPECT_THAT(report.images, IsEmpty());
  EXPECT_THAT(report.layers, IsEmpty());
  EXPECT_THAT(report.files, IsEmpty());
  EXPECT_EQ(tree(), before);
}

TEST_F(CollectGarbage, RemovesLayersOfRemovedImagesFromTheTopDown) {
  const std::string gone = import("x", {"base", "middle", "top"});
  import("y", {"base"});
  const auto top = top_of("x");
  (void)remove(store_, "x");
  const auto before = tree();
  const CollectReport planned = collect_garbage(store_, {.dry_run = true});
  EXPECT_EQ(tree(), before);
  EXPECT_THAT(planned.images, ElementsAre(gone));
  ASSERT_THAT(planned.layers, SizeIs(2));
  EXPECT_EQ(planned.layers[0], top);
  EXPECT_THAT(planned.files, SizeIs(4));  // manifest, configuration, records of two tars
  const CollectReport done = collect_garbage(store_);
  EXPECT_EQ(done.layers, planned.layers);
  EXPECT_EQ(done.size, planned.size);
  EXPECT_EQ(count_layers(), 1U);
  EXPECT_FALSE(std::filesystem::exists(top));
  EXPECT_TRUE(check(store_).faults.empty());
  EXPECT_THAT(collect_garbage(store_).layers, IsEmpty());
}

TEST_F(CollectGarbage, LeavesOnlyEmptyDirectories) {
  import("x", {"base", "top"});
  (void)remove(store_, "x");
  (void)collect_garbage(store_);
  for (const auto& entry : std::filesystem::recursive_directory_iterator(store_)) {
    EXPECT_TRUE(entry.is_directory()) << entry.path();
  }
}

TEST_F(CollectGarbage, KeepsLayersWithoutARecordAndWhatTheyAreBasedOn) {
  import("x", {"base", "top"});
  const auto base = store_ / store::find(store_, "x").layers.front().substr(7);
  const auto foreign = import_layer("foreign", {base});
  (void)remove(store_, "x");
  const CollectReport planned = collect_garbage(store_, {.dry_run = true});
  const CollectReport done = collect_garbage(store_);
  for (const CollectReport* report : {&planned, &done}) {
    EXPECT_THAT(report->layers, SizeIs(1));
    ASSERT_THAT(report->kept, SizeIs(1));
    EXPECT_EQ(report->kept[0].directory, base);
    EXPECT_THAT(report->kept[0].reason, testing::HasSubstr("foreign is based on it"));
  }
  EXPECT_TRUE(layer::is_cim_layer(base));
  EXPECT_TRUE(layer::is_cim_layer(foreign));
  layer::destroy(foreign);
  EXPECT_THAT(collect_garbage(store_).layers, ElementsAre(base));
}

TEST_F(CollectGarbage, RemovesNothingWhileALayerIsWritten) {
  import("x", {"base"});
  (void)remove(store_, "x");
  const DirectoryLock writer(store_ / "cim-layers", {}, LockMode::kShared);
  expect_error(ErrorCode::kBusy, "is writing", [&] { (void)collect_garbage(store_); });
  EXPECT_EQ(count_layers(), 1U);
}

TEST_F(CollectGarbage, WaitsForImports) {
  import("x", {"base"});
  (void)remove(store_, "x");
  const DirectoryLock import(store_ / "cim-images", {}, LockMode::kShared);
  expect_error(ErrorCode::kBusy, "is writing", [&] { (void)collect_garbage(store_); });
  EXPECT_THAT(collect_garbage(store_, {.dry_run = true}).layers, SizeIs(1));
}

TEST_F(CollectGarbage, IsWaitedForByImports) {
  import("x", {"base"});
  const DirectoryLock collection(store_ / "cim-images");
  oci::ImportOptions options;
  options.layer.writer.lock_timeout = {};
  expect_error(ErrorCode::kBusy, "is writing",
               [&] { (void)oci::import_image(layout_.path(), store_, options); });
}

TEST_F(CollectGarbage, RemovesWhatAKilledImportLeft) {
  const std::string digest = import("x", {"base", "top"});
  const auto top = top_of("x");
  // As if it had been killed before the image was recorded, and before its last layer was written.
  std::filesystem::remove_all(store_ / "cim-images/names");
  std::filesystem::create_directory(store_ / "cim-images/names");
  std::filesystem::remove(record("images", digest));
  layer::destroy(top);
  std::filesystem::create_directory(top);
  std::ofstream(store_ / "cim-images/layers/.x.00000000-0000-0000-0000-000000000000.tmp") << "x";
  (void)collect_garbage(store_);
  for (const auto& entry : std::filesystem::recursive_directory_iterator(store_)) {
    EXPECT_TRUE(entry.is_directory()) << entry.path();
  }
}

TEST_F(CollectGarbage, TouchesNoFilesOfOthers) {
  import("x", {"base"});
  const auto top = top_of("x");
  const std::array<std::filesystem::path, 5> files = {
      store_ / "notes", top / "notes", store_ / "cim-images/notes",
      store_ / "cim-images/layers/notes.json", store_ / "cim-images/blobs/sha256/notes"};
  for (const auto& file : files) {
    std::ofstream(file) << "mine";
  }
  std::filesystem::create_symlink("notes",
                                  store_ / "cim-images/blobs/sha256" / std::string(64, 'a'));
  (void)remove(store_, "x");
  (void)collect_garbage(store_);
  for (const auto& file : files) {
    EXPECT_EQ(text_of(file), "mine") << file;
  }
  EXPECT_TRUE(
      std::filesystem::is_symlink(store_ / "cim-images/blobs/sha256" / std::string(64, 'a')));
}

TEST_F(CollectGarbage, RemovesNothingIfARecordIsDamaged) {
  const std::string digest = import("x", {"base"});
  import("y", {"base", "top"});
  (void)remove(store_, "y");
  std::ofstream(record("images", digest)) << "{}";
  EXPECT_THROW((void)collect_garbage(store_), Error);
  std::filesystem::remove(record("images", digest));
  expect_error(ErrorCode::kCorrupt, "is not recorded", [&] { (void)collect_garbage(store_); });
  EXPECT_EQ(count_layers(), 2U);
}

// No layer that an import needs is removed between its start and its end.
TEST_F(CollectGarbage, RunsBesideImportsAndRemovals) {
  constexpr int kRounds = 8;
  constexpr std::size_t kImporters = 4;
  std::vector<test::LayoutDirectory> layouts;
  for (std::size_t i = 0; i < kImporters; ++i) {
    layouts.emplace_back(directory_.path() / ("layout" + std::to_string(i)));
    const auto image = layouts.back().add_image(
        {tar_of("base"), tar_of("middle"), tar_of("top" + std::to_string(i))});
    layouts.back().write_index({test::named(image, "image" + std::to_string(i))});
  }
  std::filesystem::create_directories(store_ / "cim-layers");
  const LockTimeout patient = std::chrono::minutes(2);
  std::atomic<std::size_t> running = kImporters;
  std::vector<std::thread> threads;
  for (std::size_t i = 0; i < kImporters; ++i) {
    threads.emplace_back([&, i] {
      for (int round = 0; round < kRounds; ++round) {
        oci::ImportOptions options;
        options.layer.writer.lock_timeout = patient;
        const auto result = oci::import_image(layouts[i].path(), store_, options);
        for (const auto& layer : result.layers) {
          EXPECT_TRUE(layer::is_cim_layer(layer.directory));
        }
        EXPECT_NO_THROW((void)inspect(store_, result.names.front()));
        (void)remove(store_, result.names.front(), {.lock_timeout = patient});
      }
      --running;
    });
  }
  while (running != 0) {
    (void)collect_garbage(store_, {.lock_timeout = patient});
  }
  for (std::thread& thread : threads) {
    thread.join();
  }
  (void)collect_garbage(store_);
  EXPECT_EQ(count_layers(), 0U);
  EXPECT_THAT(images(store_), IsEmpty());
}

}  // namespace
}  // namespace cim::store
