// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "tar/compression.h"

#include <random>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "cimlib/version.h"

#include "expect_error.h"
#include "tar/memory_streams.h"
#include "tar/run_command.h"
#include "temporary_directory.h"

namespace cim::tar {
namespace {

using namespace std::string_view_literals;
using test::expect_error;
using test::MemorySource;

std::string unpack(std::string_view packed, std::size_t run_size = 1 << 20) {
  MemorySource source(packed, run_size);
  return test::read_all(*decompress(source));
}

/// Returns bytes of which only some are compressible.
std::string sample(std::size_t size) {
  std::mt19937 random(7);
  std::string text;
  while (text.size() < size) {
    text += "a line that comes again and again\n";
    for (int i = 0; i < 20; ++i) {
      text.push_back(static_cast<char>(random() & 0xFF));
    }
  }
  text.resize(size);
  return text;
}

/// Returns the output of a program that compresses or decompresses `input`.
std::string filter(const std::string& command, std::string_view input) {
  const test::TemporaryDirectory directory;
  test::write_file(directory.path() / "in", input);
  test::run_command(directory.path(), command + " <in >out");
  return test::read_file(directory.path() / "out");
}

std::string gzip(std::string_view plain) {
  return filter("gzip -c", plain);
}

std::string zstd(std::string_view plain, const std::string& options = "") {
  return filter("zstd -q -c " + options, plain);
}

// "hello\n", compressed by gzip -n.
constexpr auto kHelloGzip =
    "\x1F\x8B\x08\0\0\0\0\0\0\x03\xCB\x48\xCD\xC9\xC9\xE7\x02\0\x20\x30\x3A\x36\x06\0\0\0"sv;

TEST(Decompress, PlainBytesPassUnchanged) {
  const std::string plain = sample(3000);
  for (const std::size_t run_size : {1U, 9U, 10U, 100U, 5000U}) {
    EXPECT_EQ(unpack(plain, run_size), plain);
  }
  EXPECT_EQ(unpack("short"), "short");
  EXPECT_EQ(unpack(""), "");
}

TEST(Decompress, NamesOtherCompressions) {
  expect_error(ErrorCode::kUnsupported, "test.tar: this is xz;", [] {
    unpack(
        "\xFD"
        "7zXZ\0rest"sv);
  });
  expect_error(ErrorCode::kUnsupported, "this is bzip2;", [] { unpack("BZh91AY&SY"); });
  expect_error(ErrorCode::kUnsupported, "this is zip;", [] { unpack("PK\x03\x04"); });
}

TEST(Gzip, UnpacksAMember) {
  for (const std::size_t run_size : {1U, 2U, 7U, 100U}) {
    EXPECT_EQ(unpack(kHelloGzip, run_size), "hello\n");
  }
}

TEST(Gzip, UnpacksTheOutputOfGzip) {
  const std::string plain = sample(2'500'000);
  const std::string packed = gzip(plain);
  for (const std::size_t run_size : {1000U, 65'537U, 1U << 20}) {
    EXPECT_TRUE(unpack(packed, run_size) == plain) << run_size;
  }
}

TEST(Gzip, UnpacksMembersOneAfterAnother) {
  const std::string a = sample(100'000);
  const std::string packed = gzip(a) + std::string(kHelloGzip) + gzip("") + gzip(a);
  for (const std::size_t run_size : {1U, 5U, 4096U, 1U << 20}) {
    EXPECT_TRUE(unpack(packed, run_size) == a + "hello\n" + a) << run_size;
  }
}

TEST(Gzip, UnpacksStoredBlocksAndHeaderFields) {
  const test::TemporaryDirectory directory;
  test::run_command(directory.path(),
                    "python3 -c 'import gzip,sys; "
                    "g=gzip.GzipFile(\"a name\",\"wb\",0,open(\"out\",\"wb\"),7); "
                    "g.write(bytes(range(256))*1000); g.close()'");
  std::string expected;
  for (int i = 0; i < 256'000; ++i) {
    expected.push_back(static_cast<char>(i));
  }
  EXPECT_TRUE(unpack(test::read_file(directory.path() / "out"), 1000) == expected);
}

TEST(Gzip, AcceptsZerosAfterTheLastMember) {
  EXPECT_EQ(unpack(std::string(kHelloGzip) + std::string(5000, '\0'), 512), "hello\n");
}

TEST(Gzip, RefusesOtherTrailingBytes) {
  expect_error(ErrorCode::kCorrupt, "test.tar: at byte 26: the compressed data is followed by",
               [] { unpack(std::string(kHelloGzip) + "x"); });
  expect_error(ErrorCode::kCorrupt, "test.tar: at byte 28: the compressed data is followed by",
               [] { unpack(std::string(kHelloGzip) + std::string("\0\0x", 3)); });
  expect_error(ErrorCode::kCorrupt, "at byte ",
               [] { unpack(std::string(kHelloGzip) + "\x1F rest of it"); });
}

TEST(Gzip, DetectsEveryTruncation) {
  for (std::size_t size = 2; size < kHelloGzip.size(); ++size) {
    for (const std::size_t run_size : {1U, 1000U}) {
      expect_error(ErrorCode::kCorrupt,
                   fmt::format("test.tar: at byte {}: the compressed data is truncated", size),
                   [&] { unpack(kHelloGzip.substr(0, size), run_size); });
    }
  }
}

TEST(Gzip, DetectsFlippedDataAndTrailers) {
  for (std::size_t i = 10; i < kHelloGzip.size(); ++i) {
    std::string flipped(kHelloGzip);
    flipped[i] = static_cast<char>(flipped[i] ^ '\xFF');
    expect_error(ErrorCode::kCorrupt, "test.tar: at byte ", [&] { unpack(flipped); });
  }
}

TEST(Gzip, ReportsTheReason) {
  std::string bad(kHelloGzip);
  bad[18] = 'x';
  expect_error(ErrorCode::kCorrupt, "the checksum or length", [&] { unpack(bad); });
  bad = kHelloGzip;
  bad[2] = 7;
  expect_error(ErrorCode::kCorrupt, "unknown compression method", [&] { unpack(bad); });
}

class Zstd : public testing::Test {
 protected:
  void SetUp() override {
    if (!has_feature("zstd")) {
      GTEST_SKIP() << "a build without zstd";
    }
  }
};

TEST_F(Zstd, UnpacksTheOutputOfZstd) {
  const std::string plain = sample(2'500'000);
  for (const char* const options : {"-1", "-9", "--no-check", "--long=27"}) {
    EXPECT_TRUE(unpack(zstd(plain, options), 65'537) == plain) << options;
  }
  EXPECT_EQ(unpack(zstd("hello\n"), 1), "hello\n");
}

TEST_F(Zstd, UnpacksFramesOneAfterAnotherAndSkipsSkippableOnes) {
  const std::string skippable("\x5A\x2A\x4D\x18\x03\0\0\0abc", 11);
  const std::string packed =
      skippable + zstd("hello\n") + skippable + zstd("") + zstd("world\n") + skippable;
  for (const std::size_t run_size : {1U, 5U, 1U << 20}) {
    EXPECT_EQ(unpack(packed, run_size), "hello\nworld\n");
  }
}

TEST_F(Zstd, DetectsEveryTruncation) {
  const std::string packed = zstd("hello\n");
  for (std::size_t size = 4; size < packed.size(); ++size) {
    for (const std::size_t run_size : {1U, 1000U}) {
      expect_error(ErrorCode::kCorrupt,
                   fmt::format("test.tar: at byte {}: the compressed data is truncated", size),
                   [&] { unpack(packed.substr(0, size), run_size); });
    }
  }
}

TEST_F(Zstd, RefusesDamageAndTrailingBytes) {
  std::string packed = zstd(sample(1000));
  packed.back() = static_cast<char>(~packed.back());
  expect_error(ErrorCode::kCorrupt, "test.tar: at byte ", [&] { unpack(packed); });
  expect_error(ErrorCode::kCorrupt, "expected a zstd frame",
               [] { unpack(zstd("hello\n") + "garbage"); });
}

TEST_F(Zstd, RefusesWindowsAboveTheLimit) {
  // A frame header that requests a window of 256 MiB: window descriptor 18 << 3.
  expect_error(ErrorCode::kLimit, "a window of more than 128 MiB",
               [] { unpack("\x28\xB5\x2F\xFD\0\x90\x01\0\0"sv); });
}

}  // namespace
}  // namespace cim::tar
