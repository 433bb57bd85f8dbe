// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "tar/reader.h"

#include <array>
#include <vector>

#include <gtest/gtest.h>

#include "expect_error.h"
#include "tar/memory_streams.h"
#include "tar/tar_builder.h"

namespace cim::tar {
namespace {

using namespace std::string_view_literals;
using test::end_marker;
using test::EntryBytes;
using test::expect_error;
using test::HeaderBytes;
using test::MemorySource;
using test::padded;
using test::pax_header;
using test::pax_record;

/// One line per entry: TYPE PATH[>LINK] SIZE MTIME BODY.
std::vector<std::string> listing(std::string_view tar, std::size_t run_size = 1 << 20) {
  MemorySource source(tar, run_size);
  Reader reader(source);
  std::vector<std::string> lines;
  while (const Entry* const entry = reader.next()) {
    std::string body;
    for (ByteView run = reader.body(7); !run.empty(); run = reader.body(7)) {
      body += as_text(run);
    }
    lines.push_back(fmt::format("{} {}{}{} {} {}.{:09} {}", static_cast<char>(entry->type),
                                entry->path, entry->link.empty() ? "" : ">", entry->link,
                                entry->size, entry->mtime.seconds, entry->mtime.nanoseconds, body));
  }
  return lines;
}

using Lines = std::vector<std::string>;

TEST(TarReader, ListsEntriesForAnyDivisionIntoRuns) {
  const std::string tar = EntryBytes{.name = "dir", .type = '5'}.bytes() +
                          EntryBytes{.name = "dir/file", .body = "some bytes"}.bytes() +
                          EntryBytes{.name = "link", .type = '2', .link = "dir/file"}.bytes() +
                          end_marker();
  const Lines expected = {"5 dir 0 0.000000000 ", "0 dir/file 10 0.000000000 some bytes",
                          "2 link>dir/file 0 0.000000000 "};
  for (const std::size_t run_size : {1U, 3U, 511U, 512U, 513U, 100'000U}) {
    EXPECT_EQ(listing(tar, run_size), expected) << run_size;
  }
}

TEST(TarReader, SkipsBodiesThatAreNotRead) {
  const std::string tar = EntryBytes{.name = "a", .body = std::string(5000, 'x')}.bytes() +
                          EntryBytes{.name = "b", .body = "y"}.bytes() + end_marker();
  MemorySource source(tar, 1000);
  Reader reader(source);
  ASSERT_NE(reader.next(), nullptr);
  std::array<std::byte, 3> some{};
  EXPECT_EQ(reader.read(some), 3U);
  const Entry* const b = reader.next();
  ASSERT_NE(b, nullptr);
  EXPECT_EQ(b->path, "b");
  EXPECT_EQ(b->offset, 512U + 5120U);
  EXPECT_EQ(reader.read(some), 1U);
  EXPECT_EQ(some[0], std::byte{'y'});
  EXPECT_EQ(reader.read(some), 0U);
  EXPECT_EQ(reader.next(), nullptr);
  EXPECT_EQ(reader.next(), nullptr);
}

TEST(TarReader, RecordsReplaceFields) {
  const std::string long_path = std::string(300, 'd') + "/file";
  const std::string tar = pax_header({{"path", long_path},
                                      {"linkpath", "elsewhere"},
                                      {"size", "4"},
                                      {"mtime", "7.25"},
                                      {"atime", "-1"},
                                      {"ctime", "0.5"}}) +
                          HeaderBytes("short").bytes() + padded("body") + end_marker();
  MemorySource source(tar);
  Reader reader(source);
  const Entry* const entry = reader.next();
  ASSERT_NE(entry, nullptr);
  EXPECT_EQ(entry->path, long_path);
  EXPECT_EQ(entry->link, "elsewhere");
  EXPECT_EQ(entry->size, 4U);
  EXPECT_EQ(entry->mtime, (UnixTime{7, 250'000'000}));
  EXPECT_EQ(entry->atime, (UnixTime{-1, 0}));
  EXPECT_EQ(entry->ctime, (UnixTime{0, 500'000'000}));
  EXPECT_EQ(entry->records->find("path"), long_path);
}

TEST(TarReader, RecordsApplyToOneEntry) {
  EXPECT_EQ(listing(EntryBytes{.name = "a", .records = {{"path", "b"}}}.bytes() +
                    EntryBytes{.name = "c"}.bytes() + end_marker()),
            (Lines{"0 b 0 0.000000000 ", "0 c 0 0.000000000 "}));
}

TEST(TarReader, SkipsGlobalHeaders) {
  EXPECT_EQ(listing(pax_header({{"path", "all"}, {"comment", "x"}}, 'g') +
                    EntryBytes{.name = "a"}.bytes() + end_marker()),
            (Lines{"0 a 0 0.000000000 "}));
}

TEST(TarReader, ReadsGnuLongNames) {
  const std::string name(700, 'n');
  const std::string link(600, 'l');
  const std::string tar = HeaderBytes("././@LongLink", 'K', link.size() + 1).bytes() +
                          padded(link + '\0') +
                          HeaderBytes("././@LongLink", 'L', name.size() + 1).bytes() +
                          padded(name + '\0') + EntryBytes{.name = "n", .type = '2'}.bytes() +
                          EntryBytes{.name = "next"}.bytes() + end_marker();
  EXPECT_EQ(listing(tar),
            (Lines{"2 " + name + ">" + link + " 0 0.000000000 ", "0 next 0 0.000000000 "}));
}

TEST(TarReader, OldFilesWithASlashAtTheEndAreDirectories) {
  EXPECT_EQ(listing(EntryBytes{.name = "d/", .type = '\0'}.bytes() +
                    EntryBytes{.name = "f", .type = '\0'}.bytes() + end_marker()),
            (Lines{"5 d/ 0 0.000000000 ", "0 f 0 0.000000000 "}));
}

TEST(TarReader, ReturnsEntriesOfUnknownTypes) {
  EXPECT_EQ(listing(EntryBytes{.name = "f", .type = 'Z', .body = "b"}.bytes() + end_marker()),
            (Lines{"Z f 1 0.000000000 b"}));
}

TEST(TarReader, AnEmptyTarIsOnlyAnEndMarker) {
  EXPECT_EQ(listing(end_marker()), Lines{});
}

TEST(TarReader, OneBlockOfZerosAtTheEndSuffices) {
  EXPECT_EQ(listing(EntryBytes{.name = "a"}.bytes() + std::string(512, '\0')),
            (Lines{"0 a 0 0.000000000 "}));
}

TEST(TarReader, ReportsAMissingEndMarker) {
  for (const bool has_marker : {false, true}) {
    MemorySource source(EntryBytes{.name = "a", .body = "x"}.bytes() +
                        (has_marker ? end_marker() : ""));
    Reader reader(source);
    ASSERT_NE(reader.next(), nullptr);
    EXPECT_EQ(reader.next(), nullptr);
    EXPECT_EQ(reader.next(), nullptr);
    EXPECT_EQ(reader.had_end_marker(), has_marker);
  }
}

TEST(TarReader, RefusesAnEmptyInput) {
  expect_error(ErrorCode::kCorrupt, "test.tar: at byte 0: not a tar: it is empty",
               [] { listing(""); });
}

TEST(TarReader, ReadsTheSourceToItsEndAndReportsTrailingData) {
  for (const std::string& rest : {std::string(3000, '\0'), std::string("\0\0x", 3)}) {
    MemorySource source(end_marker() + rest, 100);
    Reader reader(source);
    EXPECT_EQ(reader.next(), nullptr);
    EXPECT_EQ(reader.had_data_after_end(), rest.size() == 3);
    EXPECT_EQ(reader.offset(), 1024 + rest.size());
    EXPECT_TRUE(source.next().empty());
  }
}

void expect_refusal(std::string_view words, const std::string& tar,
                    ErrorCode code = ErrorCode::kCorrupt) {
  expect_error(code, words, [&] { listing(tar + end_marker()); });
}

TEST(TarReader, RefusesBadHeadersAndNamesTheOffset) {
  const std::string first = EntryBytes{.name = "a"}.bytes();
  expect_refusal("test.tar: at byte 512: not a tar header: its checksum is wrong",
                 first + std::string(512, 'x'));
  expect_refusal("at byte 1024: a block of zeros that is not followed",
                 first + std::string(512, '\0') + first);
}

TEST(TarReader, RefusesBadExtendedHeaders) {
  const std::string entry = EntryBytes{.name = "a"}.bytes();
  expect_refusal("at byte 0: an extended header with a record", pax_header("5 a=1\n") + entry);
  expect_refusal("an extended header without an entry", pax_header({{"a", "b"}}));
  expect_refusal("an invalid PAX size \"-1\"", pax_header({{"size", "-1"}}) + entry);
  expect_refusal("an invalid PAX size \"9.5\"", pax_header({{"size", "9.5"}}) + entry);
  expect_refusal("an invalid PAX mtime \".5\"", pax_header({{"mtime", ".5"}}) + entry);
  expect_refusal("an invalid PAX atime \"1.2.3\"", pax_header({{"atime", "1.2.3"}}) + entry);
  expect_refusal("an invalid PAX ctime \"\\x0a\"", pax_header({{"ctime", "\n"}}) + entry);
}

TEST(TarReader, RefusesExtendedHeadersOfMoreThanAMebibyte) {
  const std::string entry = EntryBytes{.name = "a"}.bytes();
  const std::size_t limit = 1024 * 1024;
  const std::string fitting = pax_record("a", std::string(limit - 11, 'x'));
  ASSERT_EQ(fitting.size(), limit);
  EXPECT_EQ(listing(pax_header(fitting) + entry + end_marker()).size(), 1U);
  expect_refusal("an extended header of 1048577 bytes",
                 pax_header(pax_record("a", std::string(limit - 10, 'x'))) + entry,
                 ErrorCode::kLimit);
  expect_refusal("a global header of 1048577 bytes",
                 HeaderBytes("x", 'g', limit + 1).bytes() + padded(std::string(limit + 1, 'x')),
                 ErrorCode::kLimit);
  expect_refusal("a long name of 1048577 bytes",
                 HeaderBytes("x", 'L', limit + 1).bytes() + padded(std::string(limit + 1, 'x')),
                 ErrorCode::kLimit);
}

TEST(TarReader, RefusesContradictoryLongNames) {
  const std::string entry = EntryBytes{.name = "a"}.bytes();
  const std::string long_name = HeaderBytes("x", 'L', 2).bytes() + padded("n\0"sv);
  expect_refusal("names in the GNU and PAX formats differ",
                 long_name + pax_header({{"path", "b"}}) + entry);
  EXPECT_EQ(listing(pax_header({{"path", "n"}}) + long_name + entry + end_marker()),
            Lines{"0 n 0 0.000000000 "});
  expect_refusal("a long name that is empty", HeaderBytes("x", 'L', 1).bytes() + padded("\0"sv));
  expect_refusal("an extended header without an entry", long_name);
}

// Like GNU tar, bsdtar, Python and Go, uses the last header of each kind as a whole.
TEST(TarReader, UsesTheLastOfRepeatedHeaders) {
  const auto long_text = [](char type, std::string_view text) {
    return HeaderBytes("././@LongLink", type, text.size() + 1).bytes() +
           padded(std::string(text) + '\0');
  };
  EXPECT_EQ(listing(pax_header({{"path", "first"}, {"mtime", "5"}}) +
                    pax_header({{"linkpath", "second"}}) +
                    EntryBytes{.name = "field", .type = '2'}.bytes() + end_marker()),
            Lines{"2 field>second 0 0.000000000 "});
  EXPECT_EQ(listing(long_text('L', "one") + long_text('K', "here") + long_text('L', "two") +
                    long_text('K', "there") + EntryBytes{.name = "field", .type = '2'}.bytes() +
                    end_marker()),
            Lines{"2 two>there 0 0.000000000 "});
}

TEST(TarReader, IgnoresTheSizeOfEntriesWithoutBody) {
  for (const char type : {'1', '2', '3', '4', '5', '6'}) {
    for (const std::string& header :
         {HeaderBytes("a", type, 5).bytes(),
          pax_header({{"size", "5"}}) + HeaderBytes("a", type).bytes()}) {
      EXPECT_EQ(listing(header + EntryBytes{.name = "b", .body = "x"}.bytes() + end_marker()),
                (Lines{std::string(1, type) + " a 0 0.000000000 ", "0 b 1 0.000000000 x"}));
    }
  }
  EXPECT_EQ(listing(HeaderBytes("d/", '\0', 1).bytes() + end_marker()),
            Lines{"5 d/ 0 0.000000000 "});
}

TEST(TarReader, RefusesEntriesLargerThanTheTar) {
  expect_error(ErrorCode::kCorrupt, "at byte 1536: the tar is truncated 9223372036854775807 bytes",
               [] {
                 listing(pax_header({{"size", "9223372036854775807"}}) + HeaderBytes("a").bytes());
               });
  expect_error(ErrorCode::kCorrupt, "truncated", [] {
    listing(pax_header({{"size", "18446744073709551615"}}) + HeaderBytes("a").bytes() +
            end_marker());
  });
  expect_error(ErrorCode::kCorrupt, "truncated inside an extended header",
               [] { listing(HeaderBytes("a", 'x', 1000).bytes() + std::string(999, ' ')); });
}

TEST(TarReader, RefusesMultiVolumeTars) {
  expect_refusal("multi-volume", EntryBytes{.name = "f", .type = 'M'}.bytes(),
                 ErrorCode::kUnsupported);
}

TEST(TarReader, DetectsEveryTruncation) {
  const std::string tar = EntryBytes{.name = "a", .body = "body", .records = {{"k", "v"}}}.bytes() +
                          EntryBytes{.name = "b"}.bytes() + end_marker();
  const auto whole = listing(tar);
  for (std::size_t size = 0; size < tar.size(); ++size) {
    if (size == tar.size() - 512 || size == tar.size() - 1024) {
      EXPECT_EQ(listing(tar.substr(0, size)), whole);
    } else if (size == tar.size() - 1536) {  // between the entries
      EXPECT_EQ(listing(tar.substr(0, size)), Lines{whole.front()});
    } else {
      expect_error(ErrorCode::kCorrupt, "test.tar: at byte",
                   [&] { listing(tar.substr(0, size), 700); });
    }
  }
}

TEST(TarReader, DetectsEveryFlippedByteOutsideBodies) {
  const std::string tar = EntryBytes{.name = "a", .body = "body", .records = {{"k", "v"}}}.bytes() +
                          EntryBytes{.name = "b"}.bytes() + end_marker();
  const auto whole = listing(tar);
  std::size_t noticed = 0;
  for (std::size_t i = 0; i < tar.size(); ++i) {
    for (const char mask : {'\x01', '\x80', '\xFF'}) {
      std::string flipped = tar;
      flipped[i] = static_cast<char>(flipped[i] ^ mask);
      try {
        EXPECT_EQ(listing(flipped).size(), whole.size());
      } catch (const Error& error) {
        EXPECT_EQ(error.code(), ErrorCode::kCorrupt);
        ++noticed;
      }
    }
  }
  // Every byte of the three headers and the end marker, and some of the extended header's body.
  EXPECT_GE(noticed, 3 * (3 * 512 + 1024U));
}

}  // namespace
}  // namespace cim::tar
