// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
#include "tar/sparse.h"

#include <gtest/gtest.h>

#include "expect_error.h"
#include "tar/memory_streams.h"
#include "tar/reader.h"
#include "tar/tar_builder.h"

namespace cim::tar {
namespace {

using test::end_marker;
using test::EntryBytes;
using test::expect_error;
using test::HeaderBytes;
using test::MemorySource;
using test::padded;
using test::pax_header;
using test::Records;

/// The path, size and body of the first entry; a second entry must follow.
struct First {
  std::string path;
  std::uint64_t size = 0;
  std::string body;
};

First first_of(const std::string& sparse, std::uint64_t piece = 1 << 20) {
  MemorySource source(sparse + EntryBytes{.name = "next"}.bytes() + end_marker(), 700);
  Reader reader(source);
  const Entry* entry = reader.next();
  First first{std::string(entry->path), entry->size, {}};
  EXPECT_EQ(entry->type, TypeFlag::kRegular);
  for (ByteView run = reader.body(piece); !run.empty(); run = reader.body(piece)) {
    first.body += as_text(run);
  }
  entry = reader.next();
  EXPECT_TRUE(entry != nullptr && entry->path == "next");
  return first;
}

void expect_sparse(const std::string& tar, std::string_view path, const std::string& body) {
  for (const std::uint64_t piece : {std::uint64_t{1}, std::uint64_t{1} << 20}) {
    const First first = first_of(tar, piece);
    EXPECT_EQ(first.path, path);
    EXPECT_EQ(first.size, body.size());
    EXPECT_EQ(first.body, body);
  }
}

std::string zeros(std::size_t count) {
  return std::string(count, '\0');
}

/// Data at 1000 and 3000 of 5000 bytes.
std::string expected_body() {
  return zeros(1000) + "one" + zeros(1997) + "three" + zeros(1995);
}

/// Returns a tar of form PAX 1.0, with the map as text before the data.
std::string text_form(std::string_view map, std::string_view data,
                      const std::string& size = "5000") {
  const Records records = {{"GNU.sparse.major", "1"},
                           {"GNU.sparse.minor", "0"},
                           {"GNU.sparse.name", "real"},
                           {"GNU.sparse.realsize", size}};
  return pax_header(records) +
         EntryBytes{.name = "GNUSparseFile.0/real", .body = padded(map) + std::string(data)}
             .bytes();
}

std::string records_form(const Records& records, std::string_view data) {
  return pax_header(records) + EntryBytes{.name = "f", .body = std::string(data)}.bytes();
}

HeaderBytes gnu_header(std::uint64_t stored, std::string_view real_size) {
  HeaderBytes header("f", 'S', stored);
  header.put(257, std::string_view("ustar  \0", 8));
  header.put(483, real_size);
  return header;
}

void put_range(HeaderBytes& header, std::size_t at, std::uint64_t offset, std::uint64_t size) {
  header.put(at, fmt::format("{:011o}", offset));
  header.put(at + 12, fmt::format("{:011o}", size));
}

TEST(SparseTar, ExpandsTheTextForm) {
  expect_sparse(text_form("3\n1000\n3\n3000\n5\n5000\n0\n", "onethree"), "real", expected_body());
  expect_sparse(text_form("0\n", ""), "real", zeros(5000));
}

TEST(SparseTar, ExpandsATextFormOfSeveralBlocks) {
  std::string map = "500\n";
  std::string body;
  for (int i = 0; i < 500; ++i) {
    map += fmt::format("{}\n1\n", 10 * i + 9);
    body += zeros(9) + "x";
  }
  expect_sparse(text_form(map, std::string(500, 'x')), "real", body);
}

TEST(SparseTar, ExpandsTheFormsInRecords) {
  expect_sparse(records_form({{"GNU.sparse.size", "5000"},
                              {"GNU.sparse.numblocks", "2"},
                              {"GNU.sparse.offset", "1000"},
                              {"GNU.sparse.numbytes", "3"},
                              {"GNU.sparse.offset", "3000"},
                              {"GNU.sparse.numbytes", "5"}},
                             "onethree"),
                "f", expected_body());
  expect_sparse(records_form({{"GNU.sparse.size", "5000"},
                              {"GNU.sparse.numblocks", "2"},
                              {"GNU.sparse.name", "real"},
                              {"GNU.sparse.map", "1000,3,3000,5"}},
                             "onethree"),
                "real", expected_body());
}

TEST(SparseTar, ExpandsTheFormOfOldHeaders) {
  HeaderBytes header = gnu_header(8, "00000011610");
  put_range(header, 386, 1000, 3);
  put_range(header, 410, 3000, 5);
  expect_sparse(header.bytes() + padded("onethree"), "f", expected_body());
}

TEST(SparseTar, ExpandsOldHeadersWithMoreBlocks) {
  HeaderBytes header = gnu_header(30, "00000000454");
  std::string body;
  for (std::size_t i = 0; i < 4; ++i) {
    put_range(header, 386 + 24 * i, 10 * i + 9, 1);
  }
  header.put(482, "1");
  std::string blocks;
  for (std::uint64_t i = 4; i < 30;) {
    std::string block(512, '\0');
    for (std::size_t at = 0; at < 504 && i < 30; at += 24, ++i) {
      block.replace(at, 11, fmt::format("{:011o}", 10 * i + 9));
      block.replace(at + 12, 11, fmt::format("{:011o}", 1));
    }
    block[504] = i < 30 ? '\1' : '\0';
    blocks += block;
  }
  for (int i = 0; i < 30; ++i) {
    body += zeros(9) + "x";
  }
  expect_sparse(header.bytes() + blocks + padded(std::string(30, 'x')), "f", body);
}

TEST(SparseTar, SkipsBodiesThatAreNotRead) {
  MemorySource source(text_form("1\n0\n3\n", "one", "9223372036854775807") +
                      EntryBytes{.name = "next"}.bytes() + end_marker());
  Reader reader(source);
  const Entry* entry = reader.next();
  EXPECT_EQ(entry->size, 9223372036854775807U);
  EXPECT_EQ(as_text(reader.body()), "one");
  EXPECT_GT(reader.body().size(), 1000U);
  entry = reader.next();
  ASSERT_NE(entry, nullptr);
  EXPECT_EQ(entry->path, "next");
}

void expect_sparse_refusal(std::string_view words, const std::string& tar,
                           ErrorCode code = ErrorCode::kCorrupt) {
  expect_error(code, words, [&] { first_of(tar); });
}

TEST(SparseTar, RefusesInvalidMaps) {
  expect_sparse_refusal("overlap or are out of order", text_form("2\n10\n3\n12\n3\n", "onetwo"));
  expect_sparse_refusal("overlap or are out of order", text_form("2\n30\n3\n10\n3\n", "onetwo"));
  expect_sparse_refusal("data past its end", text_form("1\n4998\n3\n", "one"));
  expect_sparse_refusal("an amount of data that differs", text_form("1\n0\n3\n", "four"));
  expect_sparse_refusal("an amount of data that differs", text_form("1\n0\n4\n", "one"));
  expect_sparse_refusal("invalid number in its map",
                        text_form("1\n18446744073709551615\n3\n", "one"));
  expect_sparse_refusal("invalid number in its map", text_form("1\n-1\n3\n", "one"));
  expect_sparse_refusal("invalid number in its map", text_form("1\n\n3\n", "one"));
  expect_sparse_refusal("invalid number in its map", text_form(std::string(600, '1'), "one"));
  expect_sparse_refusal("more than 1048576 ranges", text_form("1048577\n", "one"));
  expect_sparse_refusal("truncated", pax_header({{"GNU.sparse.major", "1"},
                                                 {"GNU.sparse.minor", "0"},
                                                 {"GNU.sparse.realsize", "9"}}) +
                                         EntryBytes{.name = "f", .body = "1\n0\n"}.bytes());
  expect_sparse_refusal("exceeds 63 bits", text_form("1\n0\n3\n", "one", "9223372036854775808"));
  expect_sparse_refusal("no size of its own", text_form("1\n0\n3\n", "one", "x"));
}

TEST(SparseTar, RefusesContradictoryRecords) {
  expect_sparse_refusal("unpaired records", records_form({{"GNU.sparse.size", "9"},
                                                          {"GNU.sparse.numblocks", "1"},
                                                          {"GNU.sparse.offset", "0"},
                                                          {"GNU.sparse.offset", "3"}},
                                                         "one"));
  expect_sparse_refusal("the wrong length", records_form({{"GNU.sparse.size", "9"},
                                                          {"GNU.sparse.numblocks", "2"},
                                                          {"GNU.sparse.map", "0,3"}},
                                                         "one"));
  expect_sparse_refusal(
      "no size of its own, or two sizes",
      records_form(
          {{"GNU.sparse.size", "9"}, {"GNU.sparse.realsize", "8"}, {"GNU.sparse.map", "0,3"}},
          "one"));
  expect_sparse_refusal("unknown format 2.0",
                        records_form({{"GNU.sparse.major", "2"}, {"GNU.sparse.minor", "0"}}, "one"),
                        ErrorCode::kUnsupported);
  expect_sparse_refusal("not a regular file",
                        pax_header({{"GNU.sparse.size", "9"}}) + HeaderBytes("f", '2').bytes());
}

TEST(SparseTar, RefusesOldHeadersOfOtherFormats) {
  expect_sparse_refusal("not in the GNU format", HeaderBytes("f", 'S').bytes());
}

}  // namespace
}  // namespace cim::tar
