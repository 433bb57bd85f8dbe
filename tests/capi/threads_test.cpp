// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include <array>
#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "cimlib/cimfs.h"
#include "cimlib/image.h"

#include "capi/capi_test.h"

namespace cim::test {
namespace {

using ThreadsTest = CapiTest;

constexpr int kThreads = 4;

template <typename Work>
void in_threads(Work work) {
  std::vector<std::jthread> threads;
  for (int i = 0; i < kThreads; ++i) {
    threads.emplace_back([&work, i] { work(i); });
  }
}

TEST_F(ThreadsTest, ShareAWriterOneStreamAtATime) {
  const auto image = create("a.cim");
  in_threads([&](int thread) {
    for (int i = 0; i < 25; ++i) {
      const Wide name("f" + std::to_string(thread) + "-" + std::to_string(i));
      const auto metadata = file_of(1);
      CIMFS_STREAM_HANDLE stream = nullptr;
      HRESULT result = S_OK;
      do {
        result = CimCreateFile(image, name, &metadata, &stream);
      } while (result == win32(ERROR_SHARING_VIOLATION));
      EXPECT_RESULT(result, S_OK);
      EXPECT_RESULT(CimWriteStream(stream, "x", 1), S_OK);
      CimCloseStream(stream);
    }
  });
  commit(image);
  const Image made(path() / "a.cim");
  EXPECT_EQ(made.list(made.root()).size(), 100U);
}

TEST_F(ThreadsTest, MayCloseHandlesInUse) {
  for (int round = 0; round < 20; ++round) {
    const auto image = create("a.cim");
    const auto metadata = file_of(1000000);
    CIMFS_STREAM_HANDLE stream = nullptr;
    ASSERT_RESULT(CimCreateFile(image, "f"_w, &metadata, &stream), S_OK);
    std::atomic<int> refused = 0;
    in_threads([&](int thread) {
      if (thread == 0) {
        CimCloseStream(stream);
        CimCloseImage(image);
        return;
      }
      const std::string bytes(1000, 'x');
      HRESULT result = S_OK;
      for (int i = 0; i < 50 && result == S_OK; ++i) {
        result = CimWriteStream(stream, bytes.data(), 1000);
      }
      refused += result == E_INVALIDARG ? 1 : 0;
      CimCloseStream(stream);
    });
    EXPECT_LE(refused, kThreads);
    EXPECT_RESULT(CimCommitImage(image), E_INVALIDARG);
    EXPECT_TRUE(std::filesystem::is_empty(path()));
  }
}

TEST_F(ThreadsTest, CreateInADirectoryOneAtATime) {
  std::array<CIMFS_IMAGE_HANDLE, kThreads> images{};
  std::atomic<int> refused = 0;
  in_threads([&](int thread) {
    auto& image = images.at(static_cast<std::size_t>(thread));
    const HRESULT result = CimCreateImage(folder(), nullptr, Wide(std::to_string(thread)), &image);
    refused += result == win32(ERROR_SHARING_VIOLATION) ? 1 : 0;
  });
  EXPECT_EQ(refused, kThreads - 1);
  for (const auto image : images) {
    CimCloseImage(image);
  }
}

TEST_F(ThreadsTest, CommitOnce) {
  const auto image = create("a.cim");
  add(image, "f", file_of(1), "x");
  std::atomic<int> done = 0;
  std::atomic<int> refused = 0;
  in_threads([&](int /*thread*/) {
    const HRESULT result = CimCommitImage(image);
    done += result == S_OK ? 1 : 0;
    refused += result == E_INVALIDARG ? 1 : 0;
  });
  EXPECT_EQ(done, 1);
  EXPECT_EQ(refused, kThreads - 1);
  CimCloseImage(image);
}

TEST_F(ThreadsTest, CloseOnce) {
  make_sample("a.cim");
  for (int round = 0; round < 50; ++round) {
    CIMLIB_IMAGE_HANDLE image = nullptr;
    ASSERT_RESULT(CimlibOpenImage(folder(), "a.cim"_w, &image), S_OK);
    std::atomic<int> closed = 0;
    in_threads([&](int /*thread*/) { closed += CimlibCloseImage(image) == S_OK ? 1 : 0; });
    EXPECT_EQ(closed, 1);
  }
}

TEST_F(ThreadsTest, ShareAListing) {
  const auto writer = create("a.cim");
  for (int i = 0; i < 100; ++i) {
    add(writer, "f" + std::to_string(i), file_of(0));
  }
  commit(writer);
  CIMLIB_IMAGE_HANDLE image = nullptr;
  CIMLIB_LISTING_HANDLE listing = nullptr;
  ASSERT_RESULT(CimlibOpenImage(folder(), "a.cim"_w, &image), S_OK);
  ASSERT_RESULT(CimlibListDirectory(image, ""_w, &listing), S_OK);
  std::atomic<int> seen = 0;
  in_threads([&](int /*thread*/) {
    CIMLIB_ENTRY entry;
    while (CimlibNextEntry(listing, &entry) == S_OK) {
      ++seen;
    }
  });
  EXPECT_EQ(seen, 100);
  EXPECT_RESULT(CimlibCloseListing(listing), S_OK);
  EXPECT_RESULT(CimlibCloseImage(image), S_OK);
}

TEST_F(ThreadsTest, OpenAndCloseAtOnce) {
  make_sample("a.cim");
  in_threads([&](int /*thread*/) {
    for (int i = 0; i < 50; ++i) {
      CIMLIB_IMAGE_HANDLE image = nullptr;
      CIMLIB_STREAM_HANDLE stream = nullptr;
      std::array<char, 8> bytes{};
      UINT32 count = 0;
      EXPECT_RESULT(CimlibOpenImage(folder(), "a.cim"_w, &image), S_OK);
      EXPECT_RESULT(CimlibOpenStream(image, "link"_w, &stream, nullptr), S_OK);
      EXPECT_RESULT(CimlibCloseImage(image), S_OK);
      EXPECT_RESULT(CimlibReadStream(stream, 0, bytes.data(), 8, &count), S_OK);
      EXPECT_EQ(count, 5U);
      EXPECT_RESULT(CimlibCloseStream(stream), S_OK);
    }
  });
}

}  // namespace
}  // namespace cim::test
