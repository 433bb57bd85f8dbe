// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
// Writers of one directory that exclude each other or work side by side, and processes that remove
// images.

#include <array>
#include <atomic>
#include <thread>
#include <vector>

#include <gtest/gtest.h>
#include <unistd.h>

#include "cimlib/check.h"
#include "cimlib/gc.h"
#include "cimlib/image.h"
#include "cimlib/image_writer.h"

#include "expect_error.h"
#include "image/sample_image.h"
#include "os/file.h"
#include "temporary_directory.h"
#include "wait_until.h"

namespace cim {
namespace {

using test::expect_error;
using test::put;

constexpr std::chrono::minutes kLong{1};

class WriterLock : public testing::Test {
 protected:
  std::filesystem::path at(const std::string& name) const { return directory_.path() / name; }
  std::size_t file_count() const {
    const std::filesystem::directory_iterator files(directory_.path());
    return static_cast<std::size_t>(std::distance(begin(files), end(files)));
  }
  void make(const std::string& name) const { ImageWriter(at(name)).commit(); }

  test::TemporaryDirectory directory_;
};

TEST_F(WriterLock, RefusesASecondAndNamesTheHolder) {
  const ImageWriter first(at("a.cim"));
  expect_error(ErrorCode::kBusy, "process " + std::to_string(::getpid()),
               [this] { const ImageWriter second(at("b.cim")); });
}

TEST_F(WriterLock, IsReleasedWithTheWriter) {
  { const ImageWriter abandoned(at("a.cim")); }
  ImageWriter committed(at("a.cim"));
  committed.commit();
  const ImageWriter next(at("b.cim"));
}

TEST_F(WriterLock, IsReleasedIfAWriterCannotStart) {
  make("a.cim");
  expect_error(ErrorCode::kExists, "a.cim", [this] { const ImageWriter again(at("a.cim")); });
  expect_error(ErrorCode::kNotFound, "c.cim",
               [this] { const ImageWriter fork(at("b.cim"), {.base = at("c.cim")}); });
  const ImageWriter next(at("b.cim"));
}

TEST_F(WriterLock, IsWaitedForWithATimeout) {
  auto first = std::make_unique<ImageWriter>(at("a.cim"));
  std::thread finishing([&first, waiting = ::gettid()] {
    test::wait_until_retrying(waiting);
    first->commit();
  });
  ImageWriter second(at("a.cim"), {.base = at("a.cim"), .lock_timeout = kLong});
  put(second, "file", as_bytes("text"));
  second.commit();
  finishing.join();
  EXPECT_TRUE(Image(at("a.cim")).find(test::path("file")));
}

TEST_F(WriterLock, IsSharedInSharedMode) {
  const WriterOptions together = {.lock_mode = LockMode::kShared};
  ImageWriter first(at("a.cim"), together);
  ImageWriter second(at("b.cim"), together);
  expect_error(ErrorCode::kBusy, "is writing images there",
               [this] { const ImageWriter alone(at("c.cim")); });
  second.commit();
  first.commit();
  EXPECT_TRUE(find_garbage(directory_.path()).empty());
}

TEST_F(WriterLock, LetsTheFirstOfTwoWritersOfAnImageCommit) {
  const WriterOptions together = {.lock_mode = LockMode::kShared};
  ImageWriter first(at("a.cim"), together);
  {
    ImageWriter second(at("a.cim"), together);
    put(first, "first", {});
    first.commit();
    expect_error(ErrorCode::kExists, "a.cim", [&second] { second.commit(); });
  }
  EXPECT_TRUE(Image(at("a.cim")).find(test::path("first")));
  EXPECT_EQ(file_count(), 7U);
}

TEST_F(WriterLock, IsExclusiveIfTheBaseIsReplaced) {
  make("a.cim");
  const WriterOptions over = {.base = at("a.cim"), .lock_mode = LockMode::kShared};
  const ImageWriter first(at("a.cim"), over);
  expect_error(ErrorCode::kBusy, "is writing images there",
               [&] { const ImageWriter second(at("a.cim"), over); });
}

TEST_F(WriterLock, ProtectsTheFilesOfARunningWriter) {
  make("base.cim");
  for (const LockMode use : {LockMode::kExclusive, LockMode::kShared}) {
    ImageWriter writer(at("a.cim"), {.base = at("base.cim"), .lock_mode = use});
    EXPECT_EQ(find_garbage(directory_.path()).size(), 3U);
    expect_error(ErrorCode::kBusy, "is writing", [this] { collect_garbage(directory_.path()); });
    expect_error(ErrorCode::kBusy, "is writing", [this] { destroy_image(at("base.cim")); });
    writer.commit();
    EXPECT_TRUE(check(at("a.cim"), {.depth = CheckDepth::kDeep}).findings.empty());
    destroy_image(at("a.cim"));
  }
}

TEST_F(WriterLock, AllowsManyWritersAndACollector) {
  make("base.cim");
  std::atomic<bool> done = false;
  std::thread collector([&] {
    while (!done) {
      collect_garbage(directory_.path(), kLong);
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
  });
  constexpr std::size_t kWriters = 20;
  std::vector<std::thread> writers;
  for (std::size_t i = 0; i < kWriters; ++i) {
    writers.emplace_back([this, i] {
      ImageWriter writer(
          at(std::to_string(i) + ".cim"),
          {.base = at("base.cim"), .lock_mode = LockMode::kShared, .lock_timeout = kLong});
      put(writer, std::to_string(i), as_bytes("text"));
      if (i % 4 != 3) {
        writer.commit();
      }
    });
  }
  for (std::thread& writer : writers) {
    writer.join();
  }
  done = true;
  collector.join();
  EXPECT_EQ(file_count(), 7U + 15U * 7U);
  for (std::size_t i = 0; i < kWriters; ++i) {
    if (i % 4 != 3) {
      const auto image = at(std::to_string(i) + ".cim");
      EXPECT_TRUE(check(image, {.depth = CheckDepth::kDeep}).findings.empty());
      EXPECT_TRUE(Image(image).find(test::path(std::to_string(i))));
    }
  }
}

}  // namespace
}  // namespace cim
